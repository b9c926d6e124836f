"""N bosons as excitations of a co-moving condensate, N = 1 … ∞."""
