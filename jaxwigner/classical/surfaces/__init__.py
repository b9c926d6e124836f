"""Classical nuclei on several electronic surfaces: the quantum-classical equation, mean fields, and trajectories that hop."""
