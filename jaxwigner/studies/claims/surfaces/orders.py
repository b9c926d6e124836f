"""S11: the order of splitting methods where V(x) are matrices."""

from __future__ import annotations

from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.quantum import Surfaces
from jaxwigner.states import coherent_state
from jaxwigner.studies.claims.claim import Row, case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import surfaces_orders

METHODS = ("strang", "symmetric-4", "symmetric-6", "blanes-moan-6")
STEPS = np.array([16, 20, 26, 32])


@claim("S11", "AFG Remark 1", cost=1)
def orders(full: bool) -> Iterator[Row]:
    """splitting for matrices V(x): tables for any two operators keep their order, a Nyström table of order 6 has order 4.

    *Given* V(x) and V(x′) do not commute. **Beyond:** all of it.

    ‖ψⁿ − ψ(t)‖ on a ring with V = ((sin x, δ), (δ, −sin x)), δ = .7, and for δ = 0, where the matrices commute and Nyström's table
    has its order back. Control: its order 6 for matrices, which `Surfaces` refuses.
    """
    ring, hbar = Grid(-np.pi, np.pi, 32, periodic=True), 0.5

    @lightly
    def program(delta):
        across = lambda x: delta + 0 * x  # noqa: E731
        rows = lambda x: [[jnp.sin(x), across(x)], [across(x), -jnp.sin(x)]]  # noqa: E731
        psi = coherent_state(ring, -0.5, 0.6, hbar)
        state = jnp.stack([0.6 * psi, 0.8j * psi])
        system = Surfaces(ring, rows, hbar)
        return surfaces_orders.splitting_errors(system, state, METHODS, STEPS, duration=3.0)

    coupled, commuting = program(0.7), program(0.0)
    law = surfaces_orders.order
    for errors, method, power in zip(coupled, METHODS, (2, 4, 6, 4)):
        series = {"step": 1 / STEPS, "error": errors}
        yield case(f"matrices, {method}", law(errors, STEPS, power), series=series)
    yield control("matrices, blanes-moan-6, order 6", law(coupled[3], STEPS, 6))
    yield case("commuting matrices, blanes-moan-6", law(commuting[3], STEPS, 6))
