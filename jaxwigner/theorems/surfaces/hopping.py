"""Single switch hopping against the exact dynamics: with the velocity of the mean level its error is O(ε), with the paths' own O(√ε).

The probability e^{−πg²/2εα} of a gap g = 2δ, δ ~ √ε, takes the rate α from a velocity at the gap. On the two levels they differ by
δ/v ~ √ε, and so does P; the velocity on the mean of the levels is that of the exact answer to O(ε). At a round cone the same holds
with the gap of the straight path that has the same angular momentum (`jw.single_switch`).
"""

from __future__ import annotations

import itertools
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, check_shape
from jaxwigner._types import Array
from jaxwigner.classical import single_switch
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality, rate
from jaxwigner.phase_space.ensembles import packet_ensemble
from jaxwigner.potentials import Crossing, DeltaGap
from jaxwigner.quantum import Surfaces
from jaxwigner.states import Particles, coherent_state

NAME = "single switch"
MEAN = "the velocity of the mean level"


def at_a_gap(
    grid: Grid,
    beta: Scalar,
    hbar: Scalar,
    *,
    position: Scalar,
    momentum: Scalar,
    duration: Scalar,
    steps: tuple[int, int],
    nodes: tuple[int, int],
) -> tuple[Array, Array, Array]:
    """The upper population behind the avoided crossing `DeltaGap(β√ε)`: exact, by single switch with the mean velocity, with the own.

    A coherent packet starts on the lower level.

    **Arguments:** `grid`: of one coordinate; `steps`: of Strang's method for the waves, and of the paths; `nodes`: of
    positions and momenta.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import surfaces_hopping
    >>> options = {"position": -4.0, "momentum": 1.7, "duration": 5.0, "steps": (160, 120), "nodes": (12, 8)}
    >>> found = surfaces_hopping.at_a_gap(jw.Grid(-6.0, 8.0, 512), 0.5, 0.05, **options)
    >>> [round(float(P), 2) for P in found]
    [0.32, 0.31, 0.33]
    """
    check_positive_scalar("hbar", hbar)
    V = DeltaGap(beta * jnp.sqrt(hbar))
    system = Surfaces(grid, V, hbar)
    psi = system.on_level(coherent_state(grid, position, momentum, hbar), "lower")
    options = {"duration": duration, "steps": steps[0], "method": "strang", "throw": False}
    exact = system.populations(evolve(system, psi, **options).state, 1)[1]
    cloud = packet_ensemble(position, momentum, hbar, 0.5, nodes)
    options = {"hbar": hbar, "duration": duration, "steps": steps[1], "branches": 2}
    runs = [single_switch(V, cloud, "lower", velocity=v, **options) for v in ("mean", "own")]
    mean, own = (run.observed["populations"][-1, 1] for run in runs)
    return exact, mean, own


def transverse_cloud(
    beta: Scalar,
    hbar: Scalar,
    nodes: Float[Array, "k 4"],
    weights: Float[Array, " k"],
    *,
    distance: Scalar,
    momentum: Scalar,
) -> Particles:
    """The Wigner function of the packet by nodes for the standard normal law, turned so that what counts has a coordinate of its own.

    **Arguments:** `nodes`: columns for the angular momentum, for the energy, and for the two directions across both; `weights` of them.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_hopping
    >>> one = surfaces_hopping.transverse_cloud(0.0, 0.5, np.eye(4)[:1], np.ones(1), distance=3.0, momentum=4.0)
    >>> [round(float(z), 9) for z in (*one.positions[0], *one.momenta[0])]  # ½·(4, 3)/5 across
    [-3.0, 0.4, 4.0, 0.3]
    """
    check_shape("nodes", nodes, (None, 4))
    turning, energy, along, rest = jnp.asarray(nodes).T * jnp.sqrt(0.5 * hbar)
    arm, slope = jnp.hypot(distance, momentum), jnp.hypot(1.0, momentum)
    x = (energy + momentum * along) / slope, (momentum * turning + distance * rest) / arm
    p = (momentum * energy - along) / slope, (distance * turning - momentum * rest) / arm
    shift = beta * jnp.sqrt(hbar)
    positions = jnp.stack([x[0] - distance, x[1] + shift], axis=-1)
    momenta = jnp.stack([p[0] + momentum, p[1]], axis=-1)
    return Particles(jnp.asarray(weights), positions, momenta)


def normal_nodes(turning: int = 15, energy: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for `transverse_cloud`: equal steps to 4 deviations in the first two, where P varies, two nodes in each other.

    >>> from jaxwigner.theorems import surfaces_hopping
    >>> nodes, weights = surfaces_hopping.normal_nodes()
    >>> nodes.shape, round(float(weights @ nodes[:, 0] ** 2), 3), round(float(weights @ nodes[:, 3] ** 2), 12)
    ((420, 4), 1.0, 1.0)
    """
    even = [np.linspace(-4.0, 4.0, n) for n in (turning, energy)]
    axes = [*even, np.array([-1.0, 1.0]), np.array([-1.0, 1.0])]
    shares = [*(np.exp(-0.5 * x**2) for x in even), np.ones(2), np.ones(2)]
    nodes = np.array(list(itertools.product(*axes)))
    weights = np.prod(np.array(list(itertools.product(*shares))), axis=1)
    return nodes, weights / weights.sum()


def switched_population(
    cloud: Particles, hbar: Scalar, *, duration: Scalar, steps: int, velocity: str = "mean"
) -> Float[Array, ""]:
    """The upper population behind the tip by single switch hopping, `velocity` that of the mean level or a path's own.

    >>> from jaxwigner.theorems import surfaces_hopping
    >>> nodes, weights = surfaces_hopping.normal_nodes()
    >>> cloud = surfaces_hopping.transverse_cloud(0.0, 0.2, nodes, weights, distance=2.0, momentum=3.0)
    >>> round(float(surfaces_hopping.switched_population(cloud, 0.2, duration=1.7, steps=40)), 2)  # quantum: .45
    0.45
    """
    options = {"duration": duration, "steps": steps, "velocity": velocity, "branches": 2}
    run = single_switch(Crossing(), cloud, "lower", hbar=hbar, **options)
    return run.observed["populations"][-1, 1]


def order(found: Any, exact: Any, hbars: Any, power: float, velocity: str = MEAN) -> Inequality:
    """|P_up of single switch − P_up| ~ ε^power within a quarter: 1 with the velocity of the mean level, ½ with that of the paths.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_hopping
    >>> hbars = np.array([0.2, 0.14, 0.1])
    >>> [surfaces_hopping.order(0.4 + 0.02 * hbars, 0.4, hbars, power).verdict for power in (1.0, 0.5)]
    ['holds', 'violated']
    """
    law = f"|P_up − ∫∫W₊(t)| ~ ε^{power:g}, {velocity}"
    errors = abs(found - exact)
    return rate(NAME, law, hbars, errors, (power - 0.25, power + 0.25))


def error_bound(found: Any, exact: Any, hbar: Any, constant: float) -> Inequality:
    """|P_up of single switch − P_up| ≤ constant·ε.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_hopping
    >>> surfaces_hopping.error_bound(np.array([0.405, 0.402]), 0.4, np.array([0.2, 0.1]), 0.04).verdict
    'holds'
    """
    errors = abs(found - exact)
    return Inequality(
        NAME,
        f"|P_up − ∫∫W₊(t)| ≤ {constant:g}ε at a cone",
        errors,
        constant * hbar,
        parameters={"hbar": hbar},
    )
