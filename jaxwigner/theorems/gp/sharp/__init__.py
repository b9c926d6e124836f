"""Data that nearly use up the claims of Golse and Paul: they tell a constant, a sign or a force from a wrong one."""
