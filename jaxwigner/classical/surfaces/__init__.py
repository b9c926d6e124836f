"""Classical nuclei on several electronic surfaces."""
