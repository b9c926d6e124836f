"""Distances and their programs beside CVXPY and POT."""
