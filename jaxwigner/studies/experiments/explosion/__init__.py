"""H3+ and its isotopes lose their electrons: the Coulomb explosion of three nuclei, quantum against classical."""
