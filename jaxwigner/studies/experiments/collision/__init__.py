"""H⁺ + H in three dimensions, quantum against classical."""
