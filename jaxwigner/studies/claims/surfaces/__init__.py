"""Claims about several electronic surfaces."""
