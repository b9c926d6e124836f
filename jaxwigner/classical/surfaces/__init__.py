"""Classical nuclei on several electronic surfaces: mean fields, and trajectories that hop."""
