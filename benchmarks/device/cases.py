"""What both devices compute: small problems of every system, transform, distance and gradient, as functions with their arguments.

States are resolved by their grids, so that a difference between devices is rounding and no error of the discretisation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw

HBAR = 0.1
EXACT = 1e-11  # of float64, relative to the largest value


class Case(NamedTuple):
    """A function and its arguments, made on the device that is current; the difference that two devices may show."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    at_most: float = EXACT


LINE = jw.Grid(-np.pi, np.pi, 256)
PLANE = jw.PhaseGrid(jw.Grid(-np.pi, np.pi, 96), jw.Grid(-3.5, 3.2, 120))
BOX = jw.Grid(-8.0, 8.0, 128)


def torsion() -> Any:
    return jw.potentials.Torsion(1.1)


def pair() -> Any:
    return jw.potentials.Gaussian(1.0, 1.0)


def packet(grid: jw.Grid = LINE) -> Any:
    return jw.coherent_state(grid, 0.4, 0.3, HBAR)


def density() -> Any:
    """A Gaussian on phase space."""
    (x,), (p,) = PLANE.mesh
    values = jnp.exp(-((x - 0.4) ** 2) / 0.1 - (p - 0.3) ** 2 / 0.12)
    return values / (jnp.sum(values) * PLANE.cell)


def cloud(count: int = 64, dimension: int = 1) -> jw.Particles:
    """Random particles with random weights."""
    rng = np.random.default_rng(3)
    x, p = rng.normal(size=(2, count, dimension))
    weights = rng.uniform(0.5, 1.5, count)
    return jw.Particles(weights / weights.sum(), x, p)


def slow_cloud() -> jw.Particles:
    """Momenta that the box of 128 points holds at this ħ."""
    fast = cloud()
    return jw.Particles(fast.weights, fast.positions, 0.3 * fast.momenta)


def mixed(grid: jw.Grid = BOX) -> jw.MixedState:
    few = jw.Particles([0.3, 0.3, 0.4], [-1.0, 0.0, 1.0], [0.2, 0.0, -0.2])
    return jw.toeplitz_state(few, grid, HBAR)


def nuclei() -> jw.Particles:
    """Three nuclei that approach each other."""
    places = [[0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 1.5, 0.0, 0.0]]
    momenta = [[0.0, 0.0, -0.5, 0.0, 0.0, 0.5, -0.5, 0.1, 0.0]]
    return jw.Particles([1.0], places, momenta)


def waves(kind: str = "sine") -> jw.PartialWaves:
    return jw.PartialWaves(jw.RadialGrid(6.0, 95, kind), 0.5, 0.25, waves=24)


def bodies() -> tuple[Any, Any]:
    """Two quantum particles on a plane of their positions."""
    small = jw.Grid(-6.0, 6.0, 64)
    one = jw.coherent_state(small, 0.5, 0.0, 0.3)
    return jw.ManyBody(small, pair(), 0.3, 2), jw.product_state(one, 2)


# Every system with a state of it.
SYSTEMS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "Schrodinger": lambda: (jw.Schrodinger(LINE, torsion(), HBAR), packet()),
    "Moyal": lambda: (jw.Moyal(PLANE, torsion(), HBAR), density()),
    "Liouville": lambda: (jw.Liouville(PLANE, torsion()), density()),
    "Vlasov": lambda: (jw.Vlasov(PLANE, jw.potentials.Cosine(-1.0)), density()),
    "Newton": lambda: (jw.Newton(torsion()), cloud()),
    "VlasovParticles": lambda: (jw.VlasovParticles(pair()), cloud()),
    "VlasovParticles, mesh": lambda: (jw.VlasovParticles(pair(), mesh=BOX), cloud()),
    "Hartree": lambda: (jw.Hartree(BOX, pair(), HBAR), mixed()),
    "ManyBody": bodies,
    "ManyBodyNewton": lambda: (jw.ManyBodyNewton(pair(), 4), cloud(8, 4)),
    "PartialWaves": lambda: (waves(), jw.packet_waves(waves(), 2.0, -1.0)),
    "CoulombFlow": lambda: (jw.CoulombFlow(0.5), jw.packet_cloud(2.0, -1.0, 0.1, count=64)),
    "CoulombBodies": lambda: (jw.CoulombBodies(jnp.full((3, 3), 0.5)), nuclei()),
}


def final(system: Any, state: Any, **options: Any) -> Any:
    """A short run."""
    how = {"duration": 0.5, "steps": 8, "throw": False, **options}
    return jw.evolve(system, state, **how).state


def of_systems() -> dict[str, Callable[[], Case]]:
    """A run of every system; the condensate, which chooses its modes while it is traced; the exact evolution of waves."""
    found = {name: (lambda make=make: Case(final, make())) for name, make in SYSTEMS.items()}
    return found | {"partial waves, exactly": _exact_waves, "FockExcitations": _condensate}


def _exact_waves() -> Case:
    system = waves("lobatto")
    state = jw.packet_waves(system, 2.0, -1.0)
    times = jnp.array([0.5])
    # Eigenvectors are found by other algorithms; what they evolve loses digits with ‖H‖t/ħ.
    return Case(lambda u: jw.evolve_exactly(system, u, times), (state,), 1e-9)


def _condensate() -> Case:
    grid = jw.Grid(-6.0, 6.0, 64)
    gas = jw.FockExcitations(grid, pair(), 0.3, 10.0, candidates=8)
    phi = jw.coherent_state(grid, 0.0, 0.0, 0.3)

    def distance(phi):
        return gas.evolve(phi, duration=0.5, steps=20, throw=False).distance

    return Case(distance, (phi,), 1e-9)


def of_single_precision() -> dict[str, Callable[[], Case]]:
    """The runs whose states may be complex64 or float32."""
    names = ("Schrodinger", "Moyal", "Liouville", "Vlasov", "Newton", "Hartree", "ManyBody")
    return {name: (lambda name=name: Case(final, SYSTEMS[name]())) for name in names}


def of_gradients() -> dict[str, Callable[[], Case]]:
    """d/d(time, system, state) of Σ|final|², by the reversible gradient."""
    return {
        name: (lambda make=make: Case(gradient, make(), 1e-10)) for name, make in SYSTEMS.items()
    }


def gradient(system: Any, state: Any) -> Any:
    """With respect to the time and the state."""

    def value(time, state):
        end = final(system, state, duration=time)
        return sum(jnp.sum(jnp.abs(leaf) ** 2) for leaf in jax.tree.leaves(end))

    return jax.grad(value, (0, 1))(0.5, state)


def of_transforms() -> dict[str, Callable[[], Case]]:
    """Wigner and Husimi functions of each kind of state, integrals against test functions, Töplitz states."""
    found: dict[str, Callable[[], Case]] = {}
    window = jw.PhaseGrid(jw.Grid(-3.0, 3.0, 60), jw.Grid(-2.0, 2.0, 50))
    kinds = {"pure": lambda: packet(BOX), "a mixture": mixed, "Fock levels": levels}
    for name, transform in (("wigner", jw.wigner), ("husimi", jw.husimi)):
        for kind, state in kinds.items():
            found[f"{name}, {kind}"] = functools.partial(_transformed, transform, state, window)
        natural = jw.phase_grid(BOX, HBAR)
        found[f"{name}, natural grid"] = functools.partial(
            _transformed, transform, kinds["pure"], natural
        )
    return found | {"averages": _averages, "Töplitz": lambda: Case(_toeplitz, (slow_cloud(),))}


def _transformed(transform: Callable, state: Callable, grid: jw.PhaseGrid) -> Case:
    return Case(lambda u: transform(u, BOX, grid, HBAR), (state(),))


def levels() -> jw.FockState:
    return jw.FockState(jnp.diag(jnp.array([0.5, 0.3, 0.2])).astype(complex), HBAR)


def _toeplitz(particles: jw.Particles) -> Any:
    state = jw.toeplitz_state(particles, BOX, HBAR)
    return state.weights, jnp.abs(state.orbitals)  # their phases are free


def _averages() -> Case:
    test = jw.phase_space.GaussianTest(lambda x: jnp.exp(-(x**2)), 0.3, 0.8)

    def of(psi):
        seen = jw.observables
        kinetic = seen.kinetic_energy(psi, BOX, HBAR)
        weak = jw.phase_space.wigner_expectation(psi, BOX, test, HBAR)
        return weak, kinetic, seen.mean_position(psi, BOX), seen.mean_momentum(psi, BOX, HBAR)

    return Case(of, (packet(BOX),))


def of_distances() -> dict[str, Callable[[], Case]]:
    """Brackets: their middles may differ by what the iterations leave open."""
    return {
        "Gaussians": _between_gaussians,
        "on a line": lambda: Case(_on_line, (cloud(64), cloud(48))),
        "E_ħ, interior point": lambda: Case(
            _semiquantum("interior_point"), (cloud(32), levels()), 1e-8
        ),
        "E_ħ, smoothed dual": lambda: Case(
            _semiquantum("smoothed_dual"), (cloud(32), levels()), 1e-3
        ),
        "dist_MK, clouds": lambda: Case(_clouds, (cloud(64), cloud(48)), 1e-3),
    }


def _between_gaussians() -> Case:
    p = jw.Gaussian([1.0, 0.0], 0.3 * jnp.eye(2))
    R = jw.Gaussian([0.0, 0.0], 0.2 * jnp.eye(2))
    return Case(lambda p, R: jw.transport.gaussian_cost(p, R, HBAR).centre, (p, R), 1e-9)


def _on_line(one: jw.Particles, other: jw.Particles) -> Any:
    places = one.positions[:, 0], one.weights, other.positions[:, 0], other.weights
    return jw.line_distance(*places)


def _semiquantum(method: str) -> Callable:
    tolerance = 1e-6 if method == "interior_point" else 1e-3

    def cost(p, R):
        return jw.semiquantum(p, R, method=method, tolerance=tolerance).cost.centre

    return cost


def _clouds(p: jw.Particles, q: jw.Particles) -> Any:
    return jw.monge_kantorovich(p, q, method="sinkhorn").centre
