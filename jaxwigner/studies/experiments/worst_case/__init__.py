"""The initial data and potentials that come closest to a bound."""
