"""The order of splitting methods where V(x) are matrices: symmetric tables keep theirs, Runge–Kutta–Nyström tables of order 6 lose two.

For a scalar V the commutator [V, [V, [V, Δ]]] vanishes, and Nyström's tables leave out the conditions on what holds it. For matrices
that do not commute [V, V′] ≠ 0 it stays, and with it an error O(τ⁴). Tables for any two operators (S. Blanes, P. C. Moan, J. Comput.
Appl. Math. 142 (2002) 313) meet all conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from jaxwigner._types import Array
from jaxwigner.engine.methods import Method, find_method
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality, rate
from jaxwigner.quantum import Surfaces

NAME = "splitting"


def tables(methods: Sequence[str | Method]) -> Float[np.ndarray, "method two stage"]:
    """Kicks and drifts of several methods, filled up with zeros to one length, so that one program runs all of them.

    >>> from jaxwigner.theorems import surfaces_orders
    >>> surfaces_orders.tables(["strang", "blanes-moan-4"])[0].tolist()
    [[0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    found = [find_method(one) for one in methods]
    length = max(len(one.kicks) for one in found)
    fill = lambda row: np.pad(np.array(row), (0, length - len(row)))  # noqa: E731
    return np.array([[fill(one.kicks), fill(one.drifts)] for one in found])


def splitting_errors(
    system: Surfaces,
    psi: Any,
    methods: Sequence[str | Method],
    steps: Int[Array, " n"],
    *,
    duration: Scalar,
    exact: tuple[str, int] = ("symmetric-6", 256),
) -> Float[Array, "method n"]:
    """‖ψ_n − ψ(t)‖ of methods that `evolve` may refuse for matrices, each in several numbers of steps; ψ(t) by that of `exact`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems import surfaces_orders
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.3), 0.4)
    >>> psi = system.on_level(jw.coherent_state(grid, -1.0, 1.0, 0.4), "lower")
    >>> one = surfaces_orders.splitting_errors(system, psi, ["strang"], jnp.array([8, 16]), duration=1.0)
    >>> round(float(one[0, 0] / one[0, 1]), 1)
    4.0
    """
    reference = jnp.asarray(tables([*methods, exact[0]]))
    state = system.enter(psi)

    def step(u, tau, table):
        def part(u, lengths):
            kick, drift = tau * lengths
            return system.drift_flow(drift)(system.kick_flow(kick)(u)), None

        return jax.lax.scan(part, u, table.T)[0]

    def moved(table, count):
        tau = duration / count
        return jax.lax.fori_loop(0, count, lambda _, u: step(u, tau, table), state)

    end = moved(reference[-1], exact[1])
    size = lambda u: jnp.sqrt(jnp.sum(jnp.abs(u) ** 2) * system.grid.cell)  # noqa: E731
    counts = jnp.asarray(steps)
    each = lambda table: jax.lax.map(lambda n: size(moved(table, n) - end), counts)  # noqa: E731
    return jax.lax.map(each, reference[:-1])


def order(errors: Any, steps: Any, power: float) -> Inequality:
    """‖ψ_n − ψ(t)‖ ~ τ^power, within .15.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_orders
    >>> steps = np.array([8, 12, 16])
    >>> [surfaces_orders.order(steps**-4.0, steps, power).verdict for power in (4, 6)]
    ['holds', 'violated']
    """
    law = f"‖ψⁿ − ψ(t)‖ ~ τ^{power:g}"
    return rate(NAME, law, 1 / np.asarray(steps), errors, (power - 0.15, power + 0.15))
