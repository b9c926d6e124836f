"""One engine for d/dt u = (A + B)u: a system is a pair of exact half-flows that `evolve` composes."""
