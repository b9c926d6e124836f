"""Quantum dynamics on several electronic surfaces."""
