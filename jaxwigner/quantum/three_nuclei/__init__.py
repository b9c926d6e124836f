"""Three nuclei without rotation (J = 0): a wave function of two distances and the angle between them."""
