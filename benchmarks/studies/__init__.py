"""Whole studies: levels, sweeps, predictions and comparisons of the user's own system."""
