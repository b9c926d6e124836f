"""Claims about several electronic surfaces: what one level misses, and what happens where levels meet."""
