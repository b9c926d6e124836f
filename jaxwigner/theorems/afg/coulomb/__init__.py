"""Repulsion C/|R| in R³, across the singularities."""
