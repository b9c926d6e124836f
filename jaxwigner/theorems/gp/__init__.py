"""Golse and Paul: the mean-field and semiclassical limits, measured by E_ħ."""
