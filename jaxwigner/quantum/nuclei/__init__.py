"""Nuclei in R³ without symmetry: the relative motion on a grid, the centre of mass, product packets."""
