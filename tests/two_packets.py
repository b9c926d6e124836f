"""Two packets on a line, and a test function on phase space."""

import jax.numpy as jnp

import jaxwigner as jw
from jaxwigner.phase_space import GaussianTest

HBAR = 0.3
GRID = jw.Grid(-6.0, 5.5, 96)
PHI = GaussianTest(lambda x: jnp.exp(-((x - 0.2) ** 2)), 0.3, 0.8)
