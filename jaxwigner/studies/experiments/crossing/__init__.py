"""Packets through places where two electronic levels meet: exact, and by classical nuclei."""
