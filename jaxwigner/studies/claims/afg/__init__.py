"""Claims of Ambrosio, Friesecke and Giannoulis."""
