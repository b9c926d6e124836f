"""Data that nearly use up the claims of Ambrosio, Friesecke and Giannoulis: they tell a constant from a wrong one."""
