"""`jw.predict`: the leading quantum correction for a packet, or any other state that gives points of its Wigner function."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri

from jaxwigner._checks import check_finite, concrete, entries, require
from jaxwigner._types import Array
from jaxwigner.states import Gaussian
from jaxwigner.studies.compare.correction import MEMORY, SAVES, correction
from jaxwigner.studies.compare.prediction import Prediction
from jaxwigner.studies.compare.states import OwnSystem, State
from jaxwigner.studies.compare.states.packet import Packet, moved


class Quantiles(eqx.Module):
    """N(m, ħS) by quantiles of the normal law; pure states of one shape at every ħ."""

    mean: Array
    covariance: Array

    def __call__(self, uniforms: Array, hbar: Any) -> tuple[Array, Array, Array]:
        factor = jnp.sqrt(hbar) * jnp.linalg.cholesky(self.covariance)
        z = self.mean[None] + ndtri(uniforms) @ factor.T
        x, p = jnp.split(z, 2, axis=1)
        return x, p, jnp.ones_like(x[:, 0])

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return jnp.sqrt(hbar * jnp.diagonal(self.covariance)[len(self.mean) // 2 :])


class Packets(eqx.Module):
    """Quantiles of a packet, whose A = A₁ħʳ: r = 0 for the width of a well, r = 1 for a width that is given."""

    position: Array
    momentum: Array
    matrix: Array
    power: int = eqx.field(static=True)

    def __call__(self, uniforms: Array, hbar: Any) -> tuple[Array, Array, Array]:
        A = self.matrix * hbar**self.power
        x, p = moved(A, hbar, self.position, self.momentum, ndtri(uniforms))
        return x, p, jnp.ones_like(x[:, 0])

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return jnp.sqrt(hbar ** (1 + self.power) * jnp.diagonal(self.matrix) / 2)


class Points(eqx.Module):
    """Points of the Wigner function of a state of a system, at any known ħ."""

    state: State
    system: OwnSystem

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return self.state.deviations(self.system, hbar)[1]

    def prepared(self, uniforms: np.ndarray, hbars: Array) -> tuple[Prepared, np.ndarray]:
        """All points at all ħ, and the numbers (…, 3d + 3) with the number of the point in place of the first coordinate."""
        flat = uniforms.reshape(-1, uniforms.shape[-1])[:, 1 : 2 * self.system.d + 1]
        found = [self.state.points(self.system, hbar, flat) for hbar in hbars]
        numbered = uniforms.copy()
        numbered[..., 1] = np.arange(len(flat)).reshape(uniforms.shape[:-1])
        widths = jnp.stack([self.widths(hbar) for hbar in hbars])
        return Prepared(hbars, *map(jnp.stack, zip(*found)), widths), numbered


class Prepared(eqx.Module):
    """Points (ħ, point, …) that were drawn outside of the program: what a table holds is found by NumPy."""

    hbars: Array
    x: Array
    p: Array
    weights: Array
    deviations: Array

    def __call__(self, numbers: Array, hbar: Any) -> tuple[Array, Array, Array]:
        row = self._row(hbar)
        place = jnp.round(numbers[:, 0]).astype(int)
        return self.x[row][place], self.p[row][place], self.weights[row][place]

    def widths(self, hbar: Any) -> Array:
        """Deviations of p."""
        return self.deviations[self._row(hbar)]

    def _row(self, hbar: Any) -> Array:
        return jnp.argmin(jnp.abs(self.hbars - hbar))


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
    check_finite("hbar", hbar)
    flat = isinstance(hbar, (list, tuple)) or np.ndim(hbar) <= 1
    require(flat, "hbar", "be a number or a vector of numbers", hbar)
    draw = _drawn(state, potential, mass, entries(hbar))
    return correction(
        potential,
        mass,
        draw,
        draw.widths,
        duration=duration,
        times=times,
        observe=observe,
        hbar=hbar,
        samples=samples,
        scrambles=scrambles,
        memory=memory,
        seed=seed,
        estimator=estimator,
        steps=steps,
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
