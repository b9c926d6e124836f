"""Potential energy surfaces of molecules, computed from their electrons or published."""
