"""Quantum dynamics, a classical ensemble and one trajectory side by side."""
