"""Claims of Golse and Paul."""
