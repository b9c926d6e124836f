"""Transforms and what they cost: bare FFTs, accuracy by FFT pairs, Wigner functions, JAX by hand."""
