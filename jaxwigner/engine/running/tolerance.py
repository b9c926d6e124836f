"""How many steps a tolerance asks for: they are doubled until two runs agree.

With u_n the run of n steps by a method of order p, ‖u_2n − u_n‖ ≈ (2^p − 1)‖u_2n − u‖ (Richardson). Where the order is seen in the
ratio of two differences, half of it is believed: the error is 2^{1−p} of the difference; elsewhere it is all of it. Rounding is added:
half of the drift of the norm, or what independent errors of all stages add up to. Errors are relative, of each part of the final state
(positions, momenta, a field) in L² and of each observable, to the largest norm over the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_positive_scalar, concrete
from jaxwigner.engine.driven import left
from jaxwigner.engine.running.observing import Look
from jaxwigner.engine.running.solve import Solved, Task, solve_uncounted

FEWEST, MOST = 8, 2**20  # steps of the first and of the last run
JUDGED = 1e-4  # the error below which a run shows what its grid holds
MARGIN = 30  # by which errors of many stages exceed a random walk
LOOKS = 8  # at which the size of a state is looked at


class Sized(eqx.Module):
    """A look that says besides how large each part of the state is."""

    look: Look

    def __call__(self, state: Any, row: Any) -> Any:
        return self.look(state, row), jax.tree.map(_norm, left(state))


def check_one_of(steps: Any, tolerance: Any) -> None:
    """Either the number of steps is given, or what they have to reach."""
    if (steps is None) == (tolerance is None):
        given = "neither is given" if steps is None else "both are"
        raise ValueError(f"Argument `steps` must be given, or else `tolerance`, but {given}")
    if tolerance is not None:
        check_positive_scalar("tolerance", tolerance)


def found_steps(
    task: Callable[[Any, int], Task], state: Any, tolerance: float, known: Any
) -> tuple[int, float]:
    """The steps with which a run of `task(steps, looks)` reaches a tolerance, and the error that it then has, by estimate.

    **Raises:** `ValueError` for what is traced, and for a tolerance that rounding or the grid does not allow.
    """
    first = task(FEWEST, LOOKS)
    if not concrete((tolerance, known, first, state)):
        must = "be None where something is traced (find `steps` before)"
        raise ValueError(f"Argument `tolerance` must {must}, but is {tolerance}")
    eps, order, stages = _precision(left(state)), first.method.order, first.method.stages
    # No fewer than the intervals between saved times, each of which takes a step: runs that are the same agree.
    steps, gaps = sum(first.schedule.each), []
    before = _solved(task(steps, LOOKS), state)
    while True:
        steps *= 2
        after = _solved(task(steps, LOOKS), state)
        gaps.append(_gaps(before, after))
        drift = 0.5 * float(after.diagnostics.norm_error)
        rounding = max(drift if drift < 1e-3 else 0.0, eps * (steps * stages) ** 0.5)
        found, small = _error(gaps, order)
        error = found + rounding
        if error <= tolerance and small:
            changes = {name: gaps[-1][name] for name in small}
            if not _is_rounding(task(steps, LOOKS), state, after, changes, eps):
                error = np.inf
        if error <= max(tolerance, JUDGED):
            _check_grid(after, tolerance)
        if error <= tolerance:
            return steps, error
        _check_reach(gaps, rounding, error, steps, order, tolerance)
        before = after


def _solved(task: Task, state: Any) -> Solved:
    return solve_uncounted(task._replace(look=Sized(task.look)), state)


def _norm(leaf: Any) -> Any:
    """In L², without overflow of small precision."""
    return jnp.sqrt(jnp.sum(jnp.abs(leaf) ** 2))


def _gaps(before: Solved, after: Solved) -> dict[str, tuple[float, float]]:
    """The change of the final state and of each observable from one run to the next, and the size of each."""
    found = {}
    (seen, sizes), (old, _) = after.seen, before.seen
    parts = (jax.tree.leaves(tree) for tree in (left(after.state), left(before.state), sizes))
    for number, (new, last, size) in enumerate(zip(*parts)):
        gap = np.linalg.norm((np.asarray(new) - np.asarray(last)).ravel())
        found[f"state {number}"] = float(gap), float(np.max(size))
    for number, (new, last) in enumerate(zip(jax.tree.leaves(seen), jax.tree.leaves(old))):
        new, last = np.asarray(new), np.asarray(last)
        if np.issubdtype(new.dtype, np.inexact) and new.size:
            rows = (np.reshape(rows, (len(rows), -1)) for rows in (new - last, new))
            gap, size = (np.max(np.linalg.norm(one, axis=1)) for one in rows)
            found[f"seen {number}"] = float(gap), float(size)
    return found


def _error(gaps: list[Any], order: int) -> tuple[float, list[str]]:
    """The largest relative error of the last run, by estimate; and what changes as much as it has size, if it has not simply failed."""
    small = [name for name, (gap, size) in gaps[-1].items() if 0 < gap and size <= 10 * gap]
    solid = [name for name in gaps[-1] if name not in small]
    if not any(name.startswith("state") for name in solid):
        return np.inf, []
    every = [_estimate([one[name] for one in gaps], order) for name in solid]
    return (max(every) if not np.any(np.isnan(every)) else np.inf), small


def _estimate(history: list[tuple[float, float]], order: int) -> float:
    """From the changes of one quantity."""
    gap, size = history[-1]
    if gap == 0:
        return 0.0
    if len(history) == 1:  # two runs may agree by chance
        return np.inf
    last = history[-2][0]
    converging = 2.0 ** (order - 1) <= last / gap <= 2.0 ** (order + 1)
    return gap / size / (2.0 ** (order - 1) if converging else 1.0)


def _is_rounding(task: Task, state: Any, after: Solved, gaps: dict[str, Any], eps: float) -> bool:
    """Whether changes are what rounding of the first state, a run later, accounts for: a momentum about zero has no digits to lose."""
    rng = np.random.default_rng(0)

    def shaken(leaf):
        if not jnp.issubdtype(jnp.result_type(leaf), jnp.inexact):
            return leaf
        signs = rng.choice([-1.0, 1.0], np.shape(leaf))
        return jnp.asarray(leaf * (1 + eps * signs), leaf.dtype)

    noise = _gaps(after, _solved(task, jax.tree.map(shaken, state)))
    many = MARGIN * (sum(task.schedule.each) * task.method.stages) ** 0.5
    return all(gap <= many * noise[name][0] for name, (gap, _) in gaps.items())


def _precision(state: Any) -> float:
    """The rounding of a number of the state."""
    inexact = [one for one in jax.tree.leaves(state) if jnp.issubdtype(one.dtype, jnp.inexact)]
    return max(float(jnp.finfo(one.dtype).eps) for one in inexact)


def _check_reach(
    gaps: list[Any], rounding: float, error: float, steps: int, order: int, tolerance: float
) -> None:
    """Whether more steps can reach the tolerance: changes that were small and do not get smaller any more are rounding."""
    history = [_largest(one) for one in gaps[-3:]]
    stuck = len(history) == 3 and history[0] < 1e-3 and min(history[1:]) > 0.5 * history[0]
    if stuck or rounding > tolerance:
        least = 2 * max(max(history) if stuck else 0.0, rounding)
        must = f"be at least {_upwards(least)}, where more steps add rounding only"
        raise ValueError(f"Argument `tolerance` must {must}, but is {float(tolerance):g}")
    known = np.isfinite(error) and _largest(gaps[-1]) < 1e-2
    wanted = steps * (error / tolerance) ** (1 / order) if known else 2 * steps
    if wanted > MOST:
        must = f"be one that {MOST} steps reach (at {steps} steps the error is {error:.0e})"
        raise ValueError(f"Argument `tolerance` must {must}, but is {float(tolerance):g}")


def _largest(gaps: dict[str, tuple[float, float]]) -> float:
    """The largest relative change of what has a size."""
    known = [gap / size for gap, size in gaps.values() if size > 10 * gap]
    return max(known, default=np.inf)


def _upwards(value: float) -> str:
    """A number of one digit that is not smaller."""
    if not 0 < value < np.inf:
        return f"{value:g}"
    digit = 10.0 ** np.floor(np.log10(value))
    return f"{np.ceil(value / digit * (1 - 1e-12)) * digit:.0e}"


def _check_grid(run: Solved, tolerance: float) -> None:
    """What the grid does not hold is no matter of steps: a share of a square is the square of an error."""
    worst = {name: float(np.max(share)) for name, share in run.diagnostics.worst().items()}
    squares = any(jnp.iscomplexobj(leaf) for leaf in jax.tree.leaves(left(run.state)))
    edge = worst["edge_mass"] ** 0.5 if squares else worst["edge_mass"]
    wider = "widen the box, or the band that its ends absorb"
    found = {"increase `points`": worst["spectral_tail"] ** 0.5, wider: edge}
    for remedy, share in found.items():
        if not share <= tolerance:
            must = f"be at least {_upwards(share)} on this grid ({remedy})"
            raise ValueError(f"Argument `tolerance` must {must}, but is {float(tolerance):g}")
