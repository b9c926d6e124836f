"""Wave packets on a grid.

Coherent state (Golse–Paul §2):     ⟨y|z,ħ⟩ = (πħ)^{−d/4} e^{−|y−q|²/2ħ} e^{ip·(y−q)/ħ},  z = (q, p)
Wave packet (Ambrosio–Friesecke–Giannoulis §1):  ħ^{−αd/2} e^{ip·x/ħ} φ((x−q)/ħ^α)

Along a periodic axis of the grid a packet is the sum of its images ψ(y − nL), divided by its norm. Of a Gaussian the sum is taken in
Fourier space, where it is one number for each wavenumber (Poisson), for any width.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import fourier
from jaxwigner._checks import (
    check_callable,
    check_positive,
    check_positive_scalar,
    check_scalar,
    concrete,
    nan_unless,
    per_axis,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar, nearest_image


def coherent_state(
    grid: Grid,
    position: Any,
    momentum: Any,
    hbar: Scalar,
    *,
    width: Any = None,
    mass: Any = None,
    frequency: Any = None,
) -> Complex[Array, "*shape"]:
    """Coherent state |z, ħ⟩ (Golse–Paul §2): (πħ)^{−d/4} e^{−|y−q|²/2ħ} e^{ip·(y−q)/ħ}.

    That is the one of mass 1 and frequency 1, of the variance ħ/2. In atomic units say which it is: by `width` σ, or by `mass` m and
    `frequency` ω, with σ² = ħ/2mω. Either way it stays pure, σ_x σ_p = ħ/2.

    **Arguments:** `position`, `momentum`: numbers (d = 1) or sequences of length d; `hbar`: ħ > 0; `width`: standard deviation of
    the position; `mass`, `frequency`: of the oscillator whose ground state is displaced; each a number or one for each axis. All may
    be traced.

    **Returns:** ψ, complex, of the grid's shape, of norm 1 in L² up to the tails outside the box; on a ring wrapped, of norm 1.

    **Raises:** `ValueError` if the position lies outside a box that is no ring, the momentum beyond those that the grid holds
    (|p| < πħ/Δ), box or momenta of the grid hold less than half of the packet, or a value is not finite; for a width beside mass and
    frequency, or one of these two alone. Traced arguments give NaN where known ones are refused, so that one lane of a batch does not
    end it.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 1.0, 0.5, hbar=0.5)
    >>> round(float(jnp.sum(abs(psi) ** 2) * grid.cell), 12)
    1.0
    >>> oh = jw.coherent_state(jw.Grid(1.0, 3.4, 128), 2.2, 0.0, 1.0, mass=1728.539, frequency=0.01806)  # bohr, σ = 0.1266
    """
    _centre(grid, position, momentum)  # these are named before what depends on them
    check_positive_scalar("hbar", hbar)
    squeezing = _squeezing(grid.dimension, hbar, width, mass, frequency)
    return squeezed_state(grid, position, momentum, hbar, squeezing=squeezing)


def _squeezing(d: int, hbar: Scalar, width: Any, mass: Any, frequency: Any) -> tuple[Any, ...]:
    """The s of each axis: 1, 2σ²/ħ, or 1/mω."""
    must = "be given beside `frequency`" if mass is None else "be left out without `frequency`"
    require((mass is None) == (frequency is None), "mass", must, mass)
    must = "be left out beside `mass` and `frequency`"
    require(width is None or mass is None, "width", must, width)
    if width is not None:
        check_positive("width", width)
        return tuple(2 * w * w / hbar for w in per_axis("width", width, d))
    if mass is None:
        return (1.0,) * d
    check_positive("mass", mass)
    check_positive("frequency", frequency)
    both = zip(per_axis("mass", mass, d), per_axis("frequency", frequency, d))
    return tuple(1 / (m * omega) for m, omega in both)


def squeezed_state(
    grid: Grid, position: Any, momentum: Any, hbar: Scalar, squeezing: Any
) -> Complex[Array, "*shape"]:
    """Squeezed state: a coherent state with position variance ħs/2 and momentum variance ħ/2s per axis, s = `squeezing`.

    **Raises:** `ValueError` as for a coherent state; traced arguments give NaN.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.squeezed_state(grid, 0.0, 0.0, hbar=0.5, squeezing=2.0)
    >>> round(float(jnp.sum(grid.axes[0] ** 2 * abs(psi) ** 2) * grid.cell), 12)
    0.5
    """
    q, p = _centre(grid, position, momentum)
    check_positive_scalar("hbar", hbar)
    squeezings = per_axis("squeezing", squeezing, grid.dimension)
    for s in squeezings:
        check_positive_scalar("squeezing", s)
    psi: Any = _held(grid, p, hbar) * _inside(grid, q)
    psi = psi * _room(grid, q, p, [(hbar * s / 2, hbar / (2 * s)) for s in squeezings], hbar)
    return psi * _squeezed(grid, q, p, hbar, squeezings)


def _squeezed(grid: Grid, q: Any, p: Any, hbar: Scalar, squeezings: Any) -> Array:
    psi: Any = 1.0
    for axis, (y, centre, k, s) in enumerate(zip(grid.mesh, q, p, squeezings)):
        width = hbar * s
        if grid.periodic[axis]:
            psi = psi * around_ring(grid, axis, centre, k / hbar, width)
            continue
        offset = y - centre
        amplitude = (np.pi * width) ** -0.25
        psi = psi * (amplitude * jnp.exp(-(offset**2) / (2 * width) + 1j * (k / hbar) * offset))
    return psi


def around_ring(grid: Grid, axis: int, centre: Scalar, turn: Scalar, width: Scalar) -> Array:
    """Σ_n e^{−o²/2w + iκo}, o = y − q − nL, along one axis and of norm 1: its Fourier coefficients are e^{−w(k−κ)²/2 − ikq}.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.states.packets import around_ring
    >>> grid = jw.Grid(0.0, 1.0, 16, periodic=True)
    >>> abs(around_ring(grid, 0, 0.0, 0.0, 1e-2)).argmax().item()
    0
    """
    k = jnp.asarray(grid.wavenumbers[axis])
    exponent = -0.5 * width * (k - turn) ** 2
    spectrum = jnp.exp(exponent - jnp.max(exponent) - 1j * k * (centre - grid.lower[axis]))
    psi = fourier.ifft(spectrum)
    norm = jnp.sum(_square(psi)) * grid.spacing[axis]
    return (psi / jnp.sqrt(norm)).reshape(grid.wavenumber_mesh[axis].shape)


def _square(z: Array) -> Array:
    return jnp.real(z) ** 2 + jnp.imag(z) ** 2


def probes(
    grid: Grid, positions: Float[Array, "k d"], momenta: Float[Array, "k d"], hbar: Scalar
) -> Complex[Array, " k *shape"]:
    """Coherent states at many points, to take overlaps with; 0 where the grid does not hold the momentum, as it holds nothing there.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.states.packets import probes
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> found = probes(grid, jnp.zeros((2, 1)), jnp.array([[0.0], [1e3]]), 0.5)
    >>> [round(float(x), 12) for x in jnp.sum(abs(found) ** 2, axis=1) * grid.cell]
    [1.0, 0.0]
    """

    def probe(q, p):
        psi = _squeezed(grid, tuple(q), tuple(p), hbar, (1.0,) * grid.dimension)
        return jnp.where(jnp.isnan(_held(grid, tuple(p), hbar)), 0.0, psi)

    return jax.vmap(probe)(positions, momenta)


def wave_packet(
    grid: Grid,
    position: Any,
    momentum: Any,
    hbar: Scalar,
    *,
    alpha: Scalar = 0.5,
    profile: Callable[..., Array] | None = None,
) -> Complex[Array, "*shape"]:
    """AFG's initial data ħ^{−αd/2} e^{ip·x/ħ} φ((x − q)/ħ^α), with their ε written ħ.

    α = 0 spreads over positions, α = 1 over momenta, 0 < α < 1 concentrates at the point (q, p); ‖H_ħψ‖ is bounded in ħ only
    for α ≤ 1 and q away from Coulomb singularities. On a ring it is wrapped, and divided by its norm.

    **Arguments:** `profile`: φ, a function of d coordinates with norm 1 in L²; default π^{−d/4} e^{−|u|²/2}.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.wave_packet(grid, 0.0, 1.0, hbar=0.1, alpha=0.25)
    >>> round(float(jnp.sum(abs(psi) ** 2) * grid.cell), 12)
    1.0
    """
    q, p = _centre(grid, position, momentum)
    check_positive_scalar("hbar", hbar)
    check_scalar("alpha", alpha)
    check_callable("profile", profile if profile is not None else _gaussian_profile)
    require(concrete(alpha) is False or alpha >= 0, "alpha", "be at least 0", alpha)
    width = _power(hbar, alpha)
    held = _held(grid, p, hbar) * _inside(grid, q) * nan_unless(alpha >= 0)
    if profile is None:
        variances = [(width**2 / 2, (hbar / width) ** 2 / 2)] * grid.dimension
        held = held * _room(grid, q, p, variances, hbar)
    if profile is None and any(grid.periodic):
        phase = jnp.exp((1j / hbar) * sum(k * centre for k, centre in zip(p, q)))
        return held * phase * _squeezed(grid, q, p, hbar, [width**2 / hbar] * grid.dimension)
    shape = profile if profile is not None else _gaussian_profile
    scale = width ** (-0.5 * grid.dimension) * held

    def image(places):
        scaled = tuple((y - centre) / width for y, centre in zip(places, q))
        phase = sum(k * y for k, y in zip(p, places))
        return scale * shape(*scaled) * jnp.exp((1j / hbar) * phase)

    return _wrapped(image, grid, q) if any(grid.periodic) else image(grid.mesh)


def _wrapped(image: Callable[[tuple], Array], grid: Grid, centres: tuple) -> Array:
    """Σ_n ψ(y − nL) over the nearest image and one on either side, of norm 1; what lies beyond must be nothing."""
    axes = zip(grid.mesh, grid.length, centres, grid.periodic)
    near = [
        centre + nearest_image(y - centre, side) if turns else y for y, side, centre, turns in axes
    ]
    turns = [(-1, 0, 1) if turn else (0,) for turn in grid.periodic]
    total: Any = 0.0
    outer: Any = 0.0
    for n in itertools.product(*turns):
        part = image(tuple(y + i * side for y, i, side in zip(near, n, grid.length)))
        far = [abs(y + i * side - q) > side for y, i, side, q in zip(near, n, grid.length, centres)]
        far = functools.reduce(operator.or_, [f for f, turn in zip(far, grid.periodic) if turn])
        total, outer = total + part, outer + jnp.sum(jnp.where(far, _square(part), 0.0))
    share = outer / jnp.sum(_square(total))
    if concrete(share):
        must = "fall off within one length L of the ring, on either side"
        require(share < 1e-12, "profile", must, f"{float(share):.1e} of it beyond")
    whole: Any = jnp.where(share < 1e-12, total, jnp.nan)
    return whole / jnp.sqrt(jnp.sum(_square(total)) * grid.cell)


def _power(hbar: Scalar, alpha: Scalar) -> Scalar:
    """ħ^α, if its square and that of ħ^{1−α}, the variances in x and p, are numbers > 0 that the precision holds."""
    if not concrete((hbar, alpha)):
        return hbar**alpha
    with np.errstate(all="ignore"):
        width = np.power(float(hbar), float(alpha))
        squares = np.array([width, hbar / width]) ** 2
    known = bool(np.all((squares > 0) & (squares < np.inf)))
    require(known, "alpha", "leave widths ħ^α and ħ^(1 − α) whose squares are numbers > 0", alpha)
    return float(width)


def _gaussian_profile(*u: Array) -> Array:
    return np.pi ** (-0.25 * len(u)) * jnp.exp(-0.5 * sum(x**2 for x in u))


def cat_state(
    grid: Grid, position: Any, momentum: Any, hbar: Scalar, *, phase: Scalar = 0.0
) -> Complex[Array, "*shape"]:
    """Superposition c(|z⟩ + e^{iθ}|−z⟩) of two coherent states, normalised on the grid.

    Its Wigner function carries fringes of height O(1/ħ) and width O(ħ) which vanish weakly as ħ → 0 (AFG Lemma 3.1).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.cat_state(grid, 2.0, 0.0, hbar=0.2)
    >>> round(float(jnp.sum(abs(psi) ** 2) * grid.cell), 12)
    1.0
    """
    q, p = _centre(grid, position, momentum)
    check_scalar("phase", phase)
    minus_q, minus_p = tuple(-x for x in q), tuple(-x for x in p)
    psi = coherent_state(grid, q, p, hbar)
    psi = psi + jnp.exp(1j * jnp.asarray(phase)) * coherent_state(grid, minus_q, minus_p, hbar)
    mass = jnp.sum(abs(psi) ** 2) * grid.cell
    must = "leave a state of two packets: they cancel each other"
    if concrete(mass):
        require(float(mass) > 1e-12, "phase", must, phase)
    else:
        psi = eqx.error_if(psi, mass <= 1e-12, f"Argument `phase` must {must}")
    return psi / jnp.sqrt(mass)


def _centre(
    grid: Grid, position: Any, momentum: Any
) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...]]:
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    q = per_axis("position", position, grid.dimension)
    p = per_axis("momentum", momentum, grid.dimension)
    for centre, low, high, turns in zip(q, grid.lower, grid.upper, grid.periodic):
        if concrete((centre, low, high)) and not turns:
            inside = (low <= centre) & (centre < high)
            require(inside, "position", f"lie inside the box [{low:g}, {high:g})", centre)
    return q, p


ROOM = 0.5  # of a packet that a grid must hold, in position and in momentum; what is missing then, the diagnostics of a run see


def _room(grid: Grid, positions: tuple, momenta: tuple, variances: list, hbar: Scalar) -> Any:
    """The box holds a normal packet, and its spacing the momenta: one that is wider, or thinner than the spacing, is no state there.

    1; known packets are refused, of traced ones the factor is NaN.
    """
    factor: Any = 1.0
    ends = zip(grid.lower, grid.upper, grid.spacing, grid.periodic)
    for (low, high, step, turns), q, p, (of_q, of_p) in zip(ends, positions, momenta, variances):
        top = np.pi * hbar / step
        parts = (
            (q, of_q, low, high, "inside its box (widen it)"),
            (p, of_p, -top, top, "below the momentum πħ/Δ (increase `points`)"),
        )[turns:]
        for part in parts:
            factor = factor * _share_held(*part)
    return factor


def _share_held(centre: Any, variance: Any, least: Any, most: Any, where: str) -> Any:
    """1 where at least `ROOM` of a normal law lies between two ends; the rest is refused, or NaN."""
    known = concrete((centre, variance, least, most))
    function, root = (math.erf, math.sqrt) if known else (jax.scipy.special.erf, jnp.sqrt)
    if known:
        centre, variance, least, most = map(float, (centre, variance, least, most))
    scale = root(2 * variance)
    share = 0.5 * sum(function(d / scale) for d in (most - centre, centre - least))
    if known and share < ROOM:
        must = f"hold {ROOM:.0%} of the packet {where}"
        raise ValueError(f"Argument `grid` must {must}, but holds {share:.1%}")
    return nan_unless(share >= ROOM)


def _inside(grid: Grid, positions: tuple) -> Any:
    """1, or NaN for a traced position outside a box that is no ring; `_centre` refuses known ones."""
    factor: Any = 1.0
    for q, low, high, turns in zip(positions, grid.lower, grid.upper, grid.periodic):
        factor = factor if turns else factor * nan_unless((low <= q) & (q < high))
    return factor


def _held(grid: Grid, momenta: tuple, hbar: Scalar) -> Any:
    """1 where the grid holds the momenta: |p| < πħ/Δ for a spacing Δ; a packet of another one would move with its alias.

    Known momenta are refused; traced ones give NaN, which the diagnostics of a run see, lane by lane.
    """
    held: Any = 1.0
    for p, step in zip(momenta, grid.spacing):
        highest = np.pi * hbar / step
        if concrete((p, highest)):
            must = f"lie below πħ/Δ = {float(highest):g}, which the grid holds (increase `points`)"
            require(abs(p) < highest, "momentum", must, p)
        else:
            held = jnp.where(jnp.abs(p) < highest, held, jnp.nan)
    return held
