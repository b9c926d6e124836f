"""`jw.predict`: the leading quantum correction for a packet, or any other state that gives points of its Wigner function."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri

from jaxwigner._checks import check_apart, check_finite, concrete, entries, require
from jaxwigner._types import Array
from jaxwigner.states import Gaussian
from jaxwigner.studies.compare import tolerances
from jaxwigner.studies.compare.correction import MEMORY, SAVES, correction
from jaxwigner.studies.compare.prediction import Prediction
from jaxwigner.studies.compare.several_levels.asked import is_matrix
from jaxwigner.studies.compare.states import OwnSystem, State
from jaxwigner.studies.compare.states.packet import Packet, moved
from jaxwigner.studies.compare.states.state import SIGMAS
from jaxwigner.studies.compare.states.tabled import Tabled
from jaxwigner.units import quantity

WIDER = 2.0  # times the mean of r²/2 of the normal law: the mean of what is drawn in its place


def normal(uniforms: Array) -> tuple[Array, Array]:
    """Points (n, 2d) of the standard normal law, with weights of mean 1.

    In one dimension by polar coordinates: r²/2 of a law that is wider, since D³U and third derivatives along trajectories grow
    outwards, where few points of the law itself are; what is beyond the rim that `compare` looks at, 1.4e-6, is put there. In more
    dimensions weights would cost more than they gain: quantiles of equal weight.
    """
    if uniforms.shape[1] > 2:
        return ndtri(uniforms), jnp.ones_like(uniforms[:, 0])
    there_and_back = 1 - jnp.abs(2 * uniforms[:, 0] - 1)  # r has two ends, the angle none
    energy, angle = -WIDER * jnp.log1p(-there_and_back), 2 * jnp.pi * uniforms[:, 1]
    weights = WIDER * jnp.exp(-(1 - 1 / WIDER) * energy)
    radius = jnp.sqrt(2 * jnp.minimum(energy, SIGMAS**2 / 2))
    return radius[:, None] * jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1), weights


def rim() -> Array:
    """Uniforms (32, 2) of points as far out as any."""
    return jnp.stack([jnp.full(32, 0.5), jnp.arange(32) / 32], axis=1)


class Quantiles(eqx.Module):
    """N(m, ħS); pure states of one shape at every ħ."""

    mean: Array
    covariance: Array

    def __call__(self, uniforms: Array, hbar: Any) -> tuple[Array, Array, Array]:
        factor = jnp.sqrt(hbar) * jnp.linalg.cholesky(self.covariance)
        points, weights = normal(uniforms)
        x, p = jnp.split(self.mean[None] + points @ factor.T, 2, axis=1)
        return x, p, weights

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return jnp.sqrt(hbar * jnp.diagonal(self.covariance)[len(self.mean) // 2 :])

    def rim(self, hbar: Any) -> tuple[Array, Array, Array]:
        """Points as far out as any (d = 1)."""
        return self(rim(), hbar)


class Packets(eqx.Module):
    """Points of a packet, whose A = A₁ħʳ: r = 0 for the width of a well, r = 1 for a width that is given."""

    position: Array
    momentum: Array
    matrix: Array
    power: int = eqx.field(static=True)

    def __call__(self, uniforms: Array, hbar: Any) -> tuple[Array, Array, Array]:
        A = self.matrix * hbar**self.power
        points, weights = normal(uniforms)
        return *moved(A, hbar, self.position, self.momentum, points), weights

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return jnp.sqrt(hbar ** (1 + self.power) * jnp.diagonal(self.matrix) / 2)

    def rim(self, hbar: Any) -> tuple[Array, Array, Array]:
        """Points as far out as any (d = 1)."""
        return self(rim(), hbar)


class Points(eqx.Module):
    """Points of the Wigner function of a state of a system, at any ħ."""

    state: State
    system: OwnSystem

    @property
    def dimension(self) -> int:
        return self.system.d

    def __call__(self, uniforms: Array, hbar: Any) -> tuple[Array, Array, Array]:
        return self.state.points(self.system, hbar, uniforms)

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return self.state.deviations(self.system, hbar)[1]

    def rim(self, hbar: Any) -> tuple[Array, Array]:
        """Points around the state."""
        return self.state.rim(self.system, hbar)

    def beforehand(self, uniforms: np.ndarray, hbars: Any) -> tuple[Any, np.ndarray]:
        """What draws points, and its uniforms: a state that is tabulated is drawn before there is a program."""
        return (
            drawn_before(self, uniforms, hbars)
            if isinstance(self.state, Tabled)
            else (self, uniforms)
        )


class Looked(eqx.Module):
    """Points that were drawn beforehand at each ħ (H, n, d), with weights (H, n): the first of the uniforms says which."""

    hbars: Array
    places: tuple[Array, Array, Array]
    deviations: Array

    def __call__(self, uniforms: Array, hbar: Any) -> tuple[Array, Array, Array]:
        row, count = self._row(hbar), self.places[2].shape[1]
        which = jnp.round(uniforms[:, 0] * count - 0.5).astype(int)
        x, p, weights = (one[row][which] for one in self.places)
        return x, p, weights

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return self.deviations[self._row(hbar)]

    def _row(self, hbar: Any) -> Array:
        return jnp.argmin(jnp.abs(self.hbars - hbar))


def drawn_before(draw: Points, uniforms: np.ndarray, hbars: Any) -> tuple[Looked, np.ndarray]:
    """Points of every scramble, and uniforms (scramble, …, 3d + 3) whose second entry tells which of them a lane is."""
    name, d = type(draw.state).__name__, draw.system.d
    must = f"be known numbers for a {name}, which is computed beforehand"
    require(concrete((draw, hbars)), "hbar", must, "traced")
    of_state = uniforms[..., 1 : 2 * d + 1].reshape(len(uniforms), -1, 2 * d)
    found = []
    for hbar in np.asarray(hbars).tolist():
        rows = [draw.state.points(draw.system, hbar, one) for one in of_state]
        found.append([np.concatenate([np.asarray(row[i]) for row in rows]) for i in range(3)])
    places: Any = tuple(jnp.asarray(np.stack([one[i] for one in found])) for i in range(3))
    deviations = jnp.stack([draw.widths(hbar) for hbar in np.asarray(hbars).tolist()])
    uniforms, count = uniforms.copy(), of_state.shape[0] * of_state.shape[1]
    must = "be fewer in single precision, which tells no more points apart"
    require(count * jnp.finfo(places[2].dtype).eps < 0.25, "samples", must, count)
    uniforms[..., 1] = (np.arange(count).reshape(uniforms.shape[:-1]) + 0.5) / count
    return Looked(jnp.asarray(hbars), places, deviations), uniforms


def predict(
    potential: Any,
    *,
    mass: Any,
    state: Gaussian | State,
    duration: Any,
    observe: Any = ("position",),
    hbar: Any = (1.0,),
    times: Any = SAVES,
    samples: int = 2**13,
    scrambles: int = 8,
    memory: float = MEMORY,
    seed: int = 0,
    estimator: str = "auto",
    steps: int | None = None,
    tolerance: Any = (0.02, 0.05),
    saves: int | None = None,
) -> Prediction:
    """Until when classical mechanics is right: the leading quantum correction of every mean, from classical trajectories alone.

    ⟨A⟩_q − ⟨A⟩_c = (ħ²/24)∫₀ᵗds E_{f_s}[Σ ∂_ijkU ∂_{p_i}∂_{p_j}∂_{p_k}(A∘Φ_{t−s})] + O(ħ⁴), in any dimension, by six kicked copies of
    each trajectory; the cost is about four molecular dynamics runs of as many trajectories.

    **Arguments:**

    - `potential`: U, three times continuously differentiable: a potential, or a function of d coordinate arrays written with
      jax.numpy. A cluster is a `jw.potentials.Pairs`.
    - `mass`: a number, or one for each coordinate. `state`: a `jw.Packet` or another state, or a `jw.Gaussian`,
      the Wigner function N(m, S) of the packet at ħ = 1.
    - `duration`: may be negative. `times`: a number of equal intervals, or increasing times from 0 to `duration`.
    - `observe`: "position", "momentum", "kinetic", "potential", "energy", "|x|²", "|p|²"; functions of x, of p, or of x and p, of one
      point (numbers in one dimension, else arrays (d,)); or a dictionary of these.
    - `hbar`: multiples of the real ħ (1 in atomic units), all in one program: a packet keeps its mean, and its covariance is ħS.
    - `samples`: trajectories, a power of two; `scrambles`: independent copies, for the error; `seed`; `memory`: bytes at a time.
    - `estimator`: "pairs" where U is known as a sum of functions of one number, "sphere" for any other; "auto" chooses.
    - `steps`: of the run; found where left out, but to be given where something is traced (`jax.grad`, `jax.jit`).
    - `tolerance`: shares of the classical amplitude, or absolute ones such as "0.01 bohr": what `print` tells times of. `saves`: a
      number of intervals in place of `times`. Text with a unit is taken as by `compare`.

    **Returns:** a `Prediction`: classical means, corrections and the errors of both; `.first_time_above(name, tolerance)`.

    **Raises:** `ValueError` for arguments that cannot be right: a cubic spline, a mixed state at several ħ, trajectories that leave a
    table.

    It is an estimate and no bound. It needs U ∈ C³ and an E[D³U] that exists; kicks are 0.3 widths of the packet in p. Tunnelling,
    separatrices and revivals stay invisible to it, and beyond a tenth of the classical amplitude it says only «not small».

    >>> import numpy as np, jaxwigner as jw
    >>> packet = jw.Gaussian([1.0, 0.0], np.diag([0.5, 0.5]))
    >>> U = lambda x: x**2 / 2 + x**4 / 4
    >>> found = jw.predict(U, mass=1.0, state=packet, duration=6.0, hbar=(0.05, 0.1), samples=2**8, times=32)
    >>> found.small("position", hbar=0.05).shape
    (33,)
    """
    must = "have one surface: several levels have no expansion in ħ² (`jw.compare` takes them)"
    require(not is_matrix(potential, state), "potential", must, "a matrix")
    mass, duration = quantity(mass, "mass", "mass"), quantity(duration, "time", "duration")
    shares = tolerances.checked(tolerance)
    check_finite("hbar", hbar)
    flat = isinstance(hbar, (list, tuple)) or np.ndim(hbar) <= 1
    require(flat, "hbar", "be a number or a vector of numbers", hbar)
    check_apart("hbar", hbar)
    if saves is not None:
        require(times is SAVES, "times", "be left out where `saves` is given", times)
    draw = _drawn(state, potential, mass, entries(hbar))
    return correction(
        potential,
        mass,
        draw,
        draw.widths,
        duration=duration,
        times=times if saves is None else saves,
        observe=observe,
        hbar=hbar,
        samples=samples,
        scrambles=scrambles,
        memory=memory,
        seed=seed,
        estimator=estimator,
        steps=steps,
        tolerance=shares,
    )


def _drawn(
    state: Any, potential: Any, mass: Any, hbars: tuple[Any, ...]
) -> Quantiles | Packets | Points:
    """How points of the state are drawn."""
    if isinstance(state, State):
        place = getattr(state, "position", None)
        known = None if place is None else len(place)
        system = OwnSystem(potential, mass, known)
        return _packets(state, system, hbars) if type(state) is Packet else Points(state, system)
    require(isinstance(state, Gaussian), "state", "be a Packet, another state or a Gaussian", state)
    _check_scaling(state, hbars)
    return Quantiles(jnp.asarray(state.mean), jnp.asarray(state.covariance))


def _packets(state: Packet, system: OwnSystem, hbars: tuple[Any, ...]) -> Packets:
    """The well is found once, not again in every program that draws points."""
    power = 0 if state.width is None else 1
    least = min(hbars) if concrete(hbars) else hbars[0]
    matrix = state.matrix(system, least) / jnp.asarray(least, float) ** power
    return Packets(*state.centre(system, least), matrix, power)


def _check_scaling(state: Gaussian, hbars: tuple[Any, ...]) -> None:
    """The packet is a quantum state, and a pure one where it is scaled: SJS = ¼J then, and S + iJ/2 ≥ 0 always."""
    if not concrete((state, hbars)):
        return
    S, d = np.asarray(state.covariance), len(state.mean) // 2
    J = np.kron(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.eye(d))
    # Axes of p and x in units in which both are as wide: what is asked does not depend on units.
    scale = np.sqrt(np.diag(S)[:d].prod() / np.diag(S)[d:].prod()) ** (0.5 / d)
    units = np.repeat([1 / scale, scale], d)
    S = units[:, None] * S * units
    least = float(np.linalg.eigvalsh(S + 0.5j * J)[0])
    must = "have a covariance S with S + iJ/2 ≥ 0, as a packet at ħ = 1 has"
    require(least >= -1e-6 * abs(S).max(), "state", must, state.covariance)
    pure = np.allclose(S @ J @ S, J / 4, rtol=0, atol=1e-6 * max(1.0, abs(S).max() ** 2))
    alone = all(float(hbar) == 1.0 for hbar in hbars)
    must = "be pure (SJS = J/4) where `hbar` is not 1: the width of a mixture is no multiple of ħ"
    require(pure or alone, "state", must, state.covariance)
