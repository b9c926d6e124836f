"""Ambrosio, Friesecke and Giannoulis: from quantum to classical molecular dynamics."""
