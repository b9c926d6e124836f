"""The leading quantum correction of every observable from classical trajectories alone, in any dimension: `correction`.

Around the program of `kicks.py` stand its points (`points.py`), its steps (doubled until the trajectories no longer change) and what
its scrambles say of its error.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxwigner._checks import (
    check_callable,
    check_choice,
    check_finite,
    check_integer,
    check_positive,
    check_positive_scalar,
    check_scalar,
    concrete,
    entries,
    per_axis,
    require,
)
from jaxwigner.compiled import once
from jaxwigner.potentials import Cone, Potential, Tabulated, as_potential
from jaxwigner.potentials._parameters import default_float
from jaxwigner.potentials.on_grid import check_potential
from jaxwigner.potentials.pairs.bodies import Pairs, who
from jaxwigner.potentials.pairs.cubic import terms
from jaxwigner.studies.compare import tolerances
from jaxwigner.studies.compare.kicks import Motion, Times, corrections, trial
from jaxwigner.studies.compare.observed import observables, shapes
from jaxwigner.studies.compare.points import grouped, shifted
from jaxwigner.studies.compare.prediction import Prediction
from jaxwigner.studies.compare.smooth import check_smooth
from jaxwigner.studies.compare.states.own import fastest
from jaxwigner.studies.compare.states.scan import check_stays

SAVES = 64
ACCURATE = (
    1e-4  # of the spread of a few trajectories: what another doubling of the steps may change
)
MOST_STEPS = 2**20
FOLLOWED = 0.1  # angle that a step of the fastest oscillation may turn by, if what is lost is not to be blamed on steps
FINEST = 0.005  # the angle below which steps are not to blame for anything
MANY = 2**12  # steps from which on that is asked
MEMORY = 2**24  # bytes that the trajectories of one batch may take
FEW = 512  # points that tell the share that is lost
ESTIMATORS = ("auto", "pairs", "sphere")


def correction(
    potential: Any,
    mass: Any,
    draw: Any,
    widths: Any,
    *,
    duration: Any,
    times: Any = SAVES,
    observe: Any = ("position",),
    hbar: Any = (1.0,),
    samples: int = 2**12,
    scrambles: int = 8,
    memory: float = MEMORY,
    seed: int = 0,
    estimator: str = "auto",
    steps: int | None = None,
    tolerance: tuple[Any, ...] = (0.02, 0.05),
) -> Prediction:
    """⟨A⟩_q − ⟨A⟩_c to leading order in ħ, (ħ²/24)∫₀ᵗds E_{f_s}[Σ ∂_ijkU ∂_{p_i}∂_{p_j}∂_{p_k}(A∘Φ_{t−s})], with its sampling error.

    **Arguments:**

    - `potential`: U ∈ C³, a potential or a function of d coordinate arrays. `mass`: a number, or one for each coordinate.
    - `draw`: (uniforms (n, 2d), ħ) ↦ x, p (n, d), weights (n,) of mean 1: points of W₀. `widths`: (d,), or ħ ↦ (d,): deviations of p.
    - `duration`: may be negative. `times`: a number of equal intervals, or increasing times from 0 to `duration`.
    - `observe`: names ("position", "momentum", "kinetic", "potential", "energy", "|x|²", "|p|²"), functions of x, of p or of both
      (numbers in one dimension, else arrays (d,)), or a dictionary of them.
    - `hbar`: values of ħ, in one program. `samples`: trajectories, a power of two; `scrambles`: independent copies, for the error.
    - `memory`: bytes of the trajectories in memory at a time. `seed`: of the scrambles.
    - `estimator`: "pairs" where U is known as a sum of functions of one number (`Pairs`, `Ridges`, `Separable`, one coordinate),
      "sphere" for any U; "auto" takes the first where it can.
    - `steps`: of the whole run; found by doubling where left out (it must be given under `jax.grad` and `jax.jit`). `tolerance`: what
      `print` tells times of.

    **Returns:** a `Prediction`.

    **Raises:** `ValueError` for arguments that cannot be right, and where trajectories leave what `potential` defines.

    It does not see tunnelling, revivals or separatrices, and beyond a tenth of the amplitude says only «not small».
    """
    potential = _smooth(as_potential(potential))
    _check_numbers(samples, scrambles, seed, memory)
    hbars = _hbars(duration, hbar)
    widths = widths if callable(widths) else _Constant(widths)
    known = getattr(
        draw, "dimension", None
    )  # of a state that may be tabulated, which no traced ħ can be
    d = known or len(eqx.filter_eval_shape(widths, hbars[0]))
    check_potential(potential, d)
    masses = _masses(mass, d)
    functions = observables(observe, potential, masses)
    tolerances.check_used(tolerance, tuple(functions))
    estimator = _estimator(potential, d, estimator)
    shaped = shapes(functions, d, default_float())
    fractions, wanted = intervals(times, duration)
    must = f"be at least {len(fractions)}, the number of intervals of time"
    require(samples >= len(fractions), "samples", must, samples)
    uniforms = grouped(d, samples, scrambles, seed, len(fractions))
    _check_rim(potential, masses, draw, hbars, duration, seed)
    if hasattr(draw, "beforehand"):
        draw, uniforms = draw.beforehand(uniforms, hbars)
        widths = draw.widths
    _check_draw(draw, d, hbars[0])
    exact = estimator == "pairs"
    motion = Motion(potential, masses, draw, widths, tuple(functions.values()), exact)
    span = jnp.asarray(duration, default_float())
    each = _steps(motion, uniforms, hbars, span, steps, float(np.max(fractions)))
    steps = each * len(fractions)
    _check_smooth(motion, uniforms, hbars, span, steps)
    # An array: another number of steps is no other program, unless it is known inside of one.
    plan = Times(span * jnp.asarray(fractions), np.asarray(each))
    series = _series(motion, plan, hbars, uniforms, memory, wanted, shaped)
    ends = np.concatenate([[0.0], np.cumsum(fractions)])[wanted] * duration
    how = {"samples": samples, "scrambles": scrambles, "seed": seed, "estimator": estimator}
    return _whole(Prediction(ends, hbars, **series, steps=steps, **how, tolerance=tolerance))


def _hbars(duration: Any, hbar: Any) -> Any:
    """The values of ħ, of a run that lasts."""
    check_scalar("duration", duration)
    if concrete(duration):
        require(duration != 0, "duration", "not be 0", duration)
    check_positive("hbar", hbar)
    require(len(entries(hbar)) > 0, "hbar", "hold a value at least", hbar)
    return jnp.asarray(entries(hbar), default_float())


def _masses(mass: Any, d: int) -> Any:
    check_positive("mass", mass)
    return jnp.stack([jnp.asarray(m, default_float()) for m in per_axis("mass", mass, d)])


def _check_rim(potential: Potential, masses: Any, draw: Any, hbars: Any, duration: Any, seed: int):
    """On a line nothing of a state that knows its rim may leave what `potential` defines."""
    if (
        len(masses) == 1
        and hasattr(draw, "rim")
        and concrete((potential, masses, draw, hbars, duration))
    ):
        few = partial(draw, jnp.asarray(shifted(FEW, np.random.default_rng(seed))[:, 1:3]))
        check_stays(potential, masses[0], hbars, float(duration), draw.rim, few)


def _check_smooth(motion: Motion, uniforms: Any, hbars: Any, span: Any, steps: int) -> None:
    """What one scramble meets is smooth, as far as it is known."""
    if concrete((motion, hbars, span)):
        start = uniforms[0].reshape(-1, uniforms.shape[-1])[:, 1 : 2 * len(motion.mass) + 1]
        check_smooth(motion, start, jnp.max(hbars), span, steps)


def _series(
    motion: Motion, plan: Times, hbars: Any, uniforms: Any, memory: float, wanted: Any, shaped: Any
) -> dict[str, dict[str, Any]]:
    """What is measured, by the names that a `Prediction` has for it."""
    batch, at_once = _batches(motion, uniforms, memory)
    means = measured(motion, plan, hbars, batch, at_once, wanted, student(len(uniforms)))
    named = [_named(np.asarray(one) if concrete(one) else one, shaped) for one in means]
    names = ("classical", "classical_error", "correction", "correction_error")
    return dict(zip(names, named))


class _Constant(eqx.Module):
    """The same deviations at every ħ."""

    value: Any

    def __init__(self, value: Any):
        check_positive("widths", value)
        self.value = jnp.asarray(value, default_float())

    def __call__(self, hbar: Any) -> Any:
        return self.value


def intervals(times: Any, duration: Any) -> tuple[np.ndarray, np.ndarray]:
    """Intervals as fractions of the duration, 2ᵏ of them so that Sobol points share them evenly, and which of their ends are wanted.

    >>> from jaxwigner.studies.compare.correction import intervals
    >>> fractions, wanted = intervals([0.0, 1.0, 4.0, 5.0], 5.0)
    >>> (5 * fractions).round(12).tolist(), wanted.tolist()
    ([1.0, 1.5, 1.5, 1.0], [0, 1, 3, 4])
    """
    ends = _ends(times, duration)
    pieces = np.ones(len(ends) - 1, int)
    while np.sum(pieces) < 2 or np.sum(pieces) & (np.sum(pieces) - 1):
        pieces[np.argmax(np.diff(ends) / pieces)] += 1
    fractions = np.repeat(np.diff(ends) / pieces, pieces)
    return fractions, np.concatenate([[0], np.cumsum(pieces)])


def _ends(times: Any, duration: Any) -> np.ndarray:
    """Times in units of the duration, from 0 to 1."""
    if isinstance(times, (int, np.integer)):
        check_integer("times", times, at_least=1)
        return np.linspace(0, 1, int(times) + 1)
    check_finite("times", times)
    known = concrete((times, duration))
    must = "be a number of intervals where the duration or the times are traced"
    require(known, "times", must, "an array")
    must = "be a vector of at least two times, the first 0 and the last `duration`"
    require(np.ndim(times) == 1 and len(times) >= 2, "times", must, times)
    ends = np.asarray(times, float) / float(duration)
    require(abs(ends[0]) < 1e-12 and abs(ends[-1] - 1) < 1e-9, "times", must, times)
    require(np.diff(ends) > 0, "times", "go from 0 to `duration` without turning", times)
    return ends


def student(count: int) -> float:
    """Half-width of 95 % of the mean of `count` numbers, in their standard deviations."""
    from scipy.special import stdtrit

    return float(stdtrit(count - 1, 0.975)) / np.sqrt(count)


@once
def measured(
    motion: Motion,
    times: Times,
    hbars: Any,
    uniforms: Any,
    at_once: int,
    wanted: Any,
    factor: Any,
) -> list[Any]:
    """Classical means, their errors, corrections and theirs, (ħ, time, value) each: means over scrambles, half-widths of 95 %.

    A correction is uncertain by what its kicks leave out as well: for a wave of A in p, whose error by four copies is a share e, that
    by six is e².
    """
    found = corrections(motion, times, hbars, uniforms, at_once)
    classical, six, four = (one[:, :, wanted] for one in found)
    half = lambda a: factor * jnp.std(a, axis=1, ddof=1)  # noqa: E731
    gap = jnp.mean(six, axis=1)
    apart = jnp.abs(gap - jnp.mean(four, axis=1))
    largest = lax.cummax(jnp.abs(gap), axis=1)
    share = jnp.where(largest > 0, apart / jnp.where(largest > 0, largest, 1.0), 0.0)
    return [
        *(jnp.mean(classical, axis=1), half(classical)),
        *(gap, half(six) + apart * jnp.minimum(share, 1.0)),
    ]


def _named(values: Any, shaped: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """(ħ, time, values of all observables) as a dictionary."""
    found, start = {}, 0
    for name, shape in shaped.items():
        size = int(np.prod(shape))
        found[name] = values[..., start : start + size].reshape(*values.shape[:2], *shape)
        start += size
    return found


def _steps(
    motion: Motion, uniforms: np.ndarray, hbars: Any, span: Any, steps: Any, longest: float
) -> int:
    """Steps in each interval: those given, or so many that a few trajectories no longer change."""
    if steps is None:
        steps = _enough_steps(motion, uniforms, hbars, span)
    check_integer("steps", steps, at_least=1)
    return int(np.ceil(steps * longest * (1 - 1e-12)))


def _enough_steps(motion: Motion, uniforms: np.ndarray, hbars: Any, span: Any) -> int:
    known = concrete((motion, hbars, span))
    require(known, "steps", "be given where something is traced", None)
    points = uniforms[0].reshape(-1, uniforms.shape[-1])
    few = points[:: max(1, len(points) // 64), 1 : 2 * len(motion.mass) + 1]
    ends = lambda steps: np.asarray(trial(motion, few, jnp.max(hbars), span, jnp.asarray(steps)))  # noqa: E731
    steps, now = 32, ends(32)
    while steps < MOST_STEPS:
        twice = ends(2 * steps)
        lost = not np.isfinite(twice).all()
        if lost or steps >= MANY:
            angle = abs(float(span)) / steps * _fastest(motion, few, hbars)
            if lost and angle < FOLLOWED:
                _refuse_lost(motion, twice, motion.draw(few, jnp.max(hbars))[2])
            must = "be short enough to be followed: on the way a few trajectories separate too fast"
            require(angle > FINEST, "duration", must, float(span))
        with np.errstate(all="ignore"):
            spread = np.sqrt(np.sum(np.var(twice, axis=2), axis=1))
            change = np.sqrt(np.sum(np.mean((twice - now) ** 2, axis=2), axis=1))
        if np.all(change <= ACCURATE * spread):
            return steps
        steps, now = 2 * steps, twice
    must = f"be short enough to be followed in {MOST_STEPS} steps"
    raise ValueError(f"Argument `duration` must {must}, but is {float(span):g}")


def _fastest(motion: Motion, uniforms: np.ndarray, hbars: Any) -> float:
    """The highest frequency where a few trajectories start."""
    x, _, _ = motion.draw(uniforms, jnp.max(hbars))
    return fastest(motion.potential, motion.mass, x)


def _refuse_lost(motion: Motion, ends: np.ndarray, weights: Any) -> None:
    """Of a few trajectories some have left what the potential defines, or are lost where it falls for ever."""
    lost = ~np.isfinite(ends).all(axis=(0, 1))
    share = float(np.average(lost, weights=np.abs(np.asarray(weights))))
    first, last = (np.asarray(end).tolist() for end in motion.potential.domain)
    must = f"stay where `potential` is defined ({first} to {last}) and bounded below"
    raise ValueError(f"Argument `state` must {must}, but about {share:.0%} of it leaves")


def _batches(motion: Motion, uniforms: np.ndarray, memory: float) -> tuple[np.ndarray, int]:
    """Points as (scramble, chunk, group, lane, …), chunks small enough for the memory; how many of them go at once."""
    scrambles, groups, lanes, size = uniforms.shape
    # x, p, slopes and what a step makes of them, for one copy and six; in double precision.
    bytes_each = 8 * 7 * (8 * len(motion.mass) + 4 * _inner(motion.potential))
    fit = max(1, int(memory / (bytes_each * groups)))
    lane = min(lanes, 2 ** int(np.log2(fit)))
    split = uniforms.reshape(scrambles, groups, lanes // lane, lane, size)
    # A divisor: what is left over would be a second program.
    jobs = scrambles * (lanes // lane)
    at_once = max(n for n in range(1, jobs + 1) if jobs % n == 0 and n <= max(1, fit // lane))
    return np.moveaxis(split, 2, 1), at_once


def _inner(potential: Potential) -> int:
    """Numbers that exist at a time within a force: the gaps of all pairs."""
    held = jax.tree.leaves(potential, is_leaf=lambda one: isinstance(one, Pairs))
    return sum(len(who(one.number)[0]) * (one.space + 1) for one in held if isinstance(one, Pairs))


def _estimator(potential: Potential, d: int, estimator: str) -> str:
    """Which way third derivatives are drawn."""
    check_choice("estimator", estimator, ESTIMATORS)
    known: list[bool] = []

    def look(x):
        known.append(terms(potential, x) is not None)
        return x

    jax.eval_shape(look, jax.ShapeDtypeStruct((d, 1), default_float()))
    must = 'be "sphere" or "auto" for a potential that is not known as a sum of functions of one number'
    require(known[0] or estimator != "pairs", "estimator", must, estimator)
    return "pairs" if known[0] and estimator != "sphere" else "sphere"


def _smooth(potential: Potential) -> Potential:
    """A potential without parts that are known to have no continuous third derivative."""
    kinds = (Tabulated, Cone)
    for one in jax.tree.leaves(potential, is_leaf=lambda one: isinstance(one, kinds)):
        must = "have a continuous third derivative (a quintic spline in place of a cubic one)"
        require(not isinstance(one, kinds), "potential", must, type(one).__name__)
    return potential


def _check_numbers(samples: Any, scrambles: Any, seed: Any, memory: Any) -> None:
    check_integer("samples", samples, at_least=2)
    require(samples & (samples - 1) == 0, "samples", "be a power of two", samples)
    check_integer("scrambles", scrambles, at_least=2)
    check_integer("seed", seed, at_least=0)
    check_positive_scalar("memory", memory)


def _check_draw(draw: Any, d: int, hbar: Any) -> None:
    """Points of W₀ come in the shapes that are wanted."""
    check_callable("draw", draw)
    numbers = jax.ShapeDtypeStruct((4, 2 * d), default_float())
    found = [one.shape for one in eqx.filter_eval_shape(draw, numbers, hbar)]
    must = f"give x (n, {d}), p (n, {d}) and weights (n,)"
    require(found == [(4, d), (4, d), (4,)], "draw", must, str(found))


def _whole(found: Prediction) -> Prediction:
    """What was found, unless trajectories have left what the potential defines."""
    if concrete(found):
        kinds = (found.classical, found.classical_error, found.correction, found.correction_error)
        lost = [name for name in found.classical for kind in kinds if not _finite(kind[name])]
        must = "stay where `potential` and what is observed are defined and trajectories can be followed"
        without = ", ".join(dict.fromkeys(lost))
        if lost:
            told = f"some trajectories are lost, which leaves {without} without a number"
            raise ValueError(f"Argument `state` must {must}, but {told}")
    return found


def _finite(values: Any) -> bool:
    return bool(np.all(np.isfinite(np.asarray(values))))
