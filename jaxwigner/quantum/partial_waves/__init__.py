"""The relative motion of two nuclei in R³ with a central potential: every partial wave at once."""
