"""Length, points, waves and steps for a packet in a Coulomb field, from a tolerance.

All but `tolerance` of the packet has phase-space points within √(2 log 1/tol) standard deviations of its centre. Over those:

    waves      |R×P|/ħ ≤ |R₀×P₀|/ħ + (spread of the angular momentum); orders the same for its component along R₀
    points     momenta up to √(2m(E − κ)) must fit below the highest wavenumber
    length     d²/dt² ½m|R|² = 2(E − U_b) − C/r − rU_b′ ≤ 2(E − inf(U_b + ½rU_b′)), integrated twice
    steps      from the difference of runs with n and 2n steps of some of the waves, doubled until it is small enough

The sine basis sees the first few waves at r = 0 as kinks. Where the Gamow factor 2πη/(e^{2πη} − 1), η = mC/(ħp), does not hide them
(weak coupling, large ħ, attraction), and for a packet on R = 0, whose energies reach up to C/|R| with all but the tolerance² of it
further out, the plan is diagonalisation on Lobatto nodes; where splitting is asked for all the same, there are
more points: as many as those waves, evolved without a time step, need to agree with their exact evolution.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_positive_scalar, check_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.compiled import compiled
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.methods import DEFAULT_METHOD, Method, find_method
from jaxwigner.grid import Scalar, fast_length
from jaxwigner.potentials import Free, Potential
from jaxwigner.potentials.on_grid import as_external
from jaxwigner.quantum.partial_waves.exact import diagonalised_evolution, evolve_exactly
from jaxwigner.quantum.partial_waves.packets import as_vector, gaussian_waves, packet_waves
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid
from jaxwigner.quantum.partial_waves.system import PartialWaves

PILOTS = 10  # values of ℓ on which the number of steps is found
KINKED = (
    3  # the first values of ℓ, on which the points of a sine grid are found where kinks are seen
)
NEAR = 2.0  # widths of a packet from its centre to the singular set within which it is taken to lie there
FINEST = 8  # times the points that the momenta need
MOST_STEPS = 2**14
SAFE_BAND = 0.85  # share of the momentum band that is used: its outer tenth must stay empty


class WavePlan(eqx.Module):
    """What `resolve_waves` chose: `system`, `state`, and either `steps` of `method` or (`exact`) diagonalisation; `error` in L².

    >>> import jaxwigner as jw
    >>> plan = jw.resolve_waves(0.5, 0.05, position=2.0, momentum=-1.0, duration=0.5, tolerance=1e-3)
    >>> plan.exact, plan.states([0.0, 0.5]).shape == (2, *plan.system.shape)
    (False, True)
    """

    system: PartialWaves
    state: Array
    steps: int
    method: Method = eqx.field(static=True)
    exact: bool = eqx.field(static=True)
    error: float

    def states(self, times: Any) -> Array:
        """ψ at several increasing times, (T, *shape), the first of them 0."""
        if self.exact:
            return evolve_exactly(self.system, self.state, times)
        return evolve(
            self.system,
            self.state,
            duration=float(times[-1]),
            steps=self.steps,
            saves=list(times),
            method=self.method,
        ).observed


def resolve_waves(
    charge: float,
    hbar: float,
    *,
    position: Any,
    momentum: Any,
    duration: float,
    alpha: float = 0.5,
    potential: Any = None,
    mass: float = 0.5,
    tolerance: float = 1e-5,
    method: str | Method = DEFAULT_METHOD,
    exact: bool | None = None,
) -> WavePlan:
    """Choose grid, waves, orders, steps and the kind of evolution for a Gaussian packet (see `packet_waves`).

    **Arguments:** those of `PartialWaves` and `packet_waves`, all known numbers; `tolerance`: of the final state in L²;
    `exact`: force diagonalisation, or splitting (default: from C/ħ).

    **Returns:** a `WavePlan`.

    **Raises:** `ValueError` for arguments that cannot be right, and where 2^14 steps do not reach the tolerance.

    >>> import jaxwigner as jw
    >>> plan = jw.resolve_waves(0.5, 0.1, position=2.0, momentum=-1.0, duration=1.0, tolerance=1e-4)
    >>> plan.exact, plan.states([0.0, 1.0]).shape[0]
    (True, 2)
    """
    table = find_method(method)
    known = {"charge": charge, "hbar": hbar, "mass": mass, "tolerance": tolerance, "alpha": alpha}
    for name, value in (known | {"duration": duration}).items():
        require(concrete(value), name, "be known, since sizes follow from it", "traced")
        check_scalar(name, value)
    for name in ("hbar", "mass", "tolerance"):
        check_positive_scalar(name, known[name])
    require(0 <= alpha <= 1, "alpha", "lie between 0 and 1 (AFG (9))", alpha)
    require(tolerance < 0.1, "tolerance", "be below 0.1", tolerance)
    potential = as_external(potential)
    q, p = (
        np.array(as_vector(name, value), float)
        for name, value in (("position", position), ("momentum", momentum))
    )
    sizes = _Sizes(charge, hbar, potential, mass, q, p, hbar**alpha, duration, tolerance)
    exact = sizes.needs_exact() if exact is None else exact
    grid = RadialGrid(sizes.length, sizes.points(exact), "lobatto" if exact else "sine")
    options = {"orders": sizes.orders, "potential": potential, "mass": mass}
    system = PartialWaves(grid, charge, hbar, waves=sizes.waves, **options)
    if not exact and sizes.kinks() > 0.1 * tolerance:
        system = _without_kinks(system, sizes)
    # The norm is missing twice what the tolerance of a state in L² allows, squared.
    state = packet_waves(system, q, p, alpha=alpha, tolerance=max(tolerance**2, 1e-12) * 30)
    # The pilots are not all the waves: half of the tolerance is left to the others.
    half = 0.5 * tolerance
    steps, error = (1, tolerance) if exact else _steps(system, state, duration, half, table)
    return WavePlan(system, state, steps, table, exact, error)


class _Sizes:
    """Numbers that follow from the phase-space points which hold all but the tolerance of the packet."""

    def __init__(self, charge, hbar, potential: Potential, mass, q, p, width, duration, tolerance):
        self.charge, self.hbar, self.potential, self.mass = charge, hbar, potential, mass
        self.duration = abs(duration)
        self.reach = np.sqrt(2 * np.log(1 / min(tolerance**2, 1e-6)))  # in standard deviations
        self.width = width
        self.deviations = width / np.sqrt(2), hbar / (width * np.sqrt(2))
        self.q, self.p = q, p
        self.tolerance = tolerance
        self.starts = self._starts()
        self.length = self._length()

    def _starts(self):
        """Points on the sphere of that radius in phase space."""
        directions = np.random.default_rng(0).normal(size=(4000, 6))
        directions /= np.linalg.norm(directions, axis=1)[:, None]
        edges = np.concatenate([np.eye(6), -np.eye(6), directions, np.zeros((1, 6))]) * self.reach
        R = self.q + self.deviations[0] * edges[:, :3]
        P = self.p + self.deviations[1] * edges[:, 3:]
        return R, P

    def _energies(self):
        R, P = self.starts
        r = np.linalg.norm(R, axis=1)
        # Those that start on the singularity are of no weight, unless the packet lies there.
        nearest = min(0.25 * max(np.linalg.norm(self.q), r.max()), self._hidden())
        singular = self.charge / np.maximum(r, nearest)
        return np.sum(P**2, axis=1) / (2 * self.mass) + singular + self._bounded(r)

    def _hidden(self) -> float:
        """The δ with ∫_{|R|<δ}|ψ₀|² = tolerance²."""
        share = (np.linalg.norm(self.q) / self.width) ** 2
        volume = np.pi**1.5 * self.width**3 * np.exp(min(share, 600.0))  # 1/|ψ₀(0)|²
        return float((3 * self.tolerance**2 * volume / (4 * np.pi)) ** (1 / 3))

    def _bounded(self, r):
        return np.broadcast_to(np.asarray(self.potential(jnp.asarray(r))), np.shape(r))

    def _length(self) -> float:
        R, P = self.starts
        r0, t = np.linalg.norm(R, axis=1), self.duration
        speed2 = np.sum(P**2, axis=1) / self.mass**2
        length = r0.max()
        for _ in range(3 if not isinstance(self.potential, Free) else 1):
            if self.charge >= 0:
                r = length * np.linspace(1e-3, 1, 400)
                slope = np.gradient(self._bounded(r), r)
                lowest = np.min(self._bounded(r) + 0.5 * r * slope)
                growth = 2 * np.maximum(self._energies() - lowest, 0) / self.mass
                grown = r0**2 + 2 * np.sum(R * P, axis=1) / self.mass * t + growth * t**2
                length = max(r0.max(), np.sqrt(np.max(grown)))
            else:
                length = np.max(r0 + np.sqrt(speed2 + 4 * abs(self.charge) / r0 / self.mass) * t)
        return float(1.08 * length + self.deviations[0])

    def points(self, exact: bool) -> int:
        r = self.length * np.linspace(1e-3, 1, 400)
        floor = float(np.min(self._bounded(r)))
        if self.charge < 0:
            floor += self.charge / np.linalg.norm(self.q)
        k = np.sqrt(2 * self.mass * max(np.max(self._energies()) - floor, 0.0)) / self.hbar
        nyquist = max(int(np.ceil(k * self.length / (np.pi * SAFE_BAND))), 16)
        if not exact:
            return fast_length(nyquist + 1) - 1
        # Towards an attracting centre the wave number grows like r^{−½}.
        inward = 2 * np.pi * np.sqrt(self.length * abs(self.charge)) / self.hbar
        return max(int(1.6 * nyquist), int(inward) if self.charge < 0 else 0)

    @property
    def waves(self) -> int:
        L = np.cross(self.q, self.p)
        return int(np.ceil((np.linalg.norm(L) + self.reach * self._spread()) / self.hbar)) + 4

    @property
    def orders(self) -> int:
        """|m| for the axis ẑ, or 0 for what is symmetric about it."""
        if not np.any(self.q[:2]) and not np.any(self.p[:2]):
            return 0
        q, p = self.q[:2], self.p[:2]
        spread = np.hypot(
            np.linalg.norm(q) * self.deviations[1], np.linalg.norm(p) * self.deviations[0]
        )
        spread = np.hypot(spread, np.sqrt(2) * self.deviations[0] * self.deviations[1])
        centre = abs(np.cross(self.q, self.p)[2])
        return int(np.ceil((centre + self.reach * spread) / self.hbar)) + 4

    def _spread(self) -> float:
        """Standard deviation of a component of R×P across the axis."""
        of_q, of_p = self.deviations
        spread = np.hypot(np.linalg.norm(self.q) * of_p, np.linalg.norm(self.p) * of_q)
        return float(np.hypot(spread, np.sqrt(2) * of_q * of_p))

    def needs_exact(self) -> bool:
        # On the singular set a splitting is of first order until a kick next to it turns no phase by more than 1.
        on_the_set = bool(np.linalg.norm(self.q) < NEAR * self.width)
        return self.charge <= 0 or on_the_set or self.kinks() > 10 * self.tolerance

    def kinks(self) -> float:
        """Amplitude of the s-wave at r = 0, an upper estimate: that at the largest energy."""
        if self.charge <= 0:
            return 1.0
        momentum = np.sqrt(2 * self.mass * np.max(self._energies()))
        eta = 2 * np.pi * self.mass * self.charge / (self.hbar * momentum)
        gamow = eta / np.expm1(min(eta, 600.0))
        share = min(1.0, self.hbar / self._spread())  # of the s-wave in the amplitude
        return float(share * np.sqrt(gamow))


def _without_kinks(system: PartialWaves, sizes: _Sizes) -> PartialWaves:
    """The system on a sine grid whose first waves end within a third of the tolerance of the exact ones."""
    few = system.on(waves=range(min(KINKED, system.waves)))
    nodes = RadialGrid(sizes.length, sizes.points(exact=True), "lobatto")
    start = _packet(few.on(grid=nodes), tuple(sizes.q), tuple(sizes.p), sizes.width)
    exact = _end(few.on(grid=nodes), start, sizes.duration)
    points, least = system.grid.points, system.grid.points
    while points <= FINEST * least:
        grid = RadialGrid(sizes.length, points)
        end = _end(few.on(grid=grid), nodes.interpolate(start, grid.radii), sizes.duration)
        apart = jnp.abs(grid.interpolate(end, nodes.radii) - exact) ** 2
        error = float(jnp.sqrt(jnp.sum(apart @ nodes.weights)))
        if error <= sizes.tolerance / 3:
            return system.on(grid=grid)
        points = fast_length(int(1.4 * points) + 1) - 1
    must = f"be larger for splitting: {FINEST} times the usual points leave an error of {error:.1e}"
    raise ValueError(f"Argument `tolerance` must {must}, but is {sizes.tolerance:g}")


@compiled
def _packet(system: PartialWaves, position: tuple, momentum: tuple, width: Scalar) -> Array:
    return gaussian_waves(system, position, momentum, width)


@compiled
def _end(system: PartialWaves, start: Array, duration: Scalar) -> Array:
    return diagonalised_evolution(system, start, jnp.array([duration]))[0]


def _steps(system, state, duration, tolerance, method: Method) -> tuple[int, float]:
    """Doubles the steps until some of the waves agree to the tolerance."""
    chosen = np.unique(np.linspace(0, system.waves - 1, PILOTS).astype(int))
    pilot = system.on(waves=chosen)
    start = state[chosen]
    size = jnp.sqrt(jnp.sum(jnp.abs(start) ** 2))

    def run(steps):
        options = {"method": method, "gradient": "forward", "throw": False}
        return evolve(pilot, start, duration=duration, steps=steps, **options).state

    # The error of 2n steps is that of n by the order of the method; it is larger before the power law sets in.
    gain = 2.0**method.order - 1

    def double(carry):
        steps, before, _ = carry
        after = run(2 * steps)
        change = jnp.sqrt(jnp.sum(jnp.abs(after - before) ** 2)) / size
        return 2 * steps, after, change / gain

    first = jnp.asarray(8)
    carry = (first, run(first), jnp.asarray(jnp.inf, state.real.dtype))
    goes_on = lambda carry: (carry[2] > tolerance) & (carry[0] < MOST_STEPS)  # noqa: E731
    steps, _, error = jax.lax.while_loop(goes_on, double, carry)
    steps, error = int(steps), float(error)
    must = f"be larger: {MOST_STEPS} steps leave an error of {error:.1e}"
    require(error <= tolerance, "tolerance", must, tolerance)
    return steps, error
