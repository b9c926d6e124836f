"""S10: the quantum-classical Liouville equation to order ħ²."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.studies.claims.claim import Row, case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import surfaces_quantum_classical

SLOPE, STIFFNESS = 0.4, 0.5


@claim("S10", "AFG Remark 1, (WE)", cost=4)
def to_second_order(full: bool) -> Iterator[Row]:
    """the quantum-classical Liouville equation, V(x) ± (ħy/2)V′(x) for V(x ± ħy/2) on either side of W: populations to O(ħ²).

    *Given* d = 1, a gap of order √ħ. **Beyond:** all of it.

    P_up behind the avoided crossing ½tanh x of half gap ½√ħ against the waves, averaged over the second half of the times. Where V
    is linear beside a scalar quadratic part nothing is left but what the grids hold. Controls: order ħ³; the crossing for a linear V.
    """
    hbars = np.array([0.2, 0.14, 0.1, 0.07] if full else [0.28, 0.2, 0.14, 0.1])
    points, steps = ((224, 176), 60) if full else ((128, 96), 40)
    grid, box = Grid(-8.0, 8.5, 2 * points[0]), Grid(-8.0, 8.5, points[0])
    phase = PhaseGrid(box, Grid(-2.4, 4.2, points[1]))
    options = {"position": -3.5, "momentum": 1.5, "duration": 4.5, "steps": steps}

    def one(numbers):
        hbar, bent, slope, stiffness = numbers

        def V(x):
            half, bowl = bent * 0.5 * jnp.tanh(x) + slope * x, 0.5 * stiffness * x**2
            across = 0.5 * jnp.sqrt(hbar) * jnp.ones_like(x)
            return [[bowl + half, across], [across, bowl - half]]

        return surfaces_quantum_classical.both_ways(V, grid, phase, hbar, **options)

    gaps = [(h, 1.0, 0.0, 0.0) for h in hbars]
    numbers = np.array([*gaps, (hbars[0], 0.0, SLOPE, STIFFNESS)])
    found = lightly(lambda each: jax.lax.map(one, tuple(each)))(numbers.T)
    bent, linear = (jax.tree.map(lambda leaf, k=k: leaf[k], found) for k in (slice(0, -1), -1))
    series = {"hbar": hbars, "error": bent.gap}
    order = surfaces_quantum_classical.order
    yield case("avoided crossing", order(bent.gap, hbars), series=series)
    yield control("avoided crossing, order 3", order(bent.gap, hbars, 3.0))
    exact = surfaces_quantum_classical.exact_where_linear
    yield case("V linear beside a scalar quadratic part", exact(linear, hbars[0]))
    yield control("the avoided crossing for a linear V", exact(bent, hbars))
