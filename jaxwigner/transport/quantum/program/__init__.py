"""The discrete program of MK_ħ on the ranges of two states: data, solution, certificate, and what a smaller rank leaves out."""
