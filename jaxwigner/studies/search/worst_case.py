"""The worst case of a claim: measured/bound, maximised over a class of initial data and potentials.

Members of the class are given by parameters without constraints: what the hypotheses ask for is built in by the function that makes
data of them. Adam climbs log(measured/bound) from many starts at once, beside the best of many random members of the same class.

What an optimiser finds first are artefacts: packets that wrap around the box, momenta that alias. So a member counts only where its
diagnostics are within their limits at all times, and the best one is computed again on four times the points (twice the box, half
the spacing) with half the step. Where that disagrees the case is refused and the next best is tried; refused cases are listed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from jaxwigner._checks import check_callable, check_integer, check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.compiled import jitted, structure_key, with_known_functions
from jaxwigner.engine.run import LIMITS, Diagnostics
from jaxwigner.inequality import require_double
from jaxwigner.progress import Progress, quiet

BETWEEN = 20  # iterations between two reports of progress
TRIED = 64  # random members that are computed again at most
SCREENED = 4  # candidates for each start


class Outcome(eqx.Module):
    """Measured/bound of one member, and the largest of its diagnostics relative to its limit (at most 1: resolved).

    >>> from jaxwigner.studies.search.worst_case import Outcome
    >>> Outcome(0.5, 0.01).trust
    0.01
    """

    ratio: Any
    trust: Any = 0.0


def resolved(*runs: Diagnostics) -> Array:
    """The largest spectral tail or edge mass of some runs relative to its limit, over all times looked at."""
    names = ("spectral_tail", "edge_mass")
    shares = [run.worst()[name] / LIMITS[name] for run in runs for name in names]
    return jnp.max(jnp.stack(shares))


class WorstCase(eqx.Module):
    """What `worst_case` found.

    `ratio`: measured/bound of the sharpest confirmed member, at four times the points; `searched`: the same at the search's resolution;
    `parameters`: that member; `random_best`: the best of the random members that is confirmed (NaN if none of the first 64 is);
    `random`: all of them that were resolved, increasing; `history`: best so far, (iterations, starts); `refused`: (searched,
    confirmed, trust) of those not confirmed.

    >>> import jax.numpy as jnp, jax, jaxwigner as jw
    >>> found = jw.worst_case(lambda a, fine: jnp.exp(-(a**2)), jax.random.normal, starts=2, iterations=60, random=20)
    >>> found.improves, found.refused
    (True, ())
    """

    ratio: float
    searched: float
    parameters: PyTree
    random_best: float
    random: np.ndarray
    history: np.ndarray
    refused: tuple[tuple[float, float, float], ...]

    @property
    def improves(self) -> bool:
        """Whether the search beats the best random member."""
        return self.ratio > self.random_best


def worst_case(
    ratio: Callable,
    draw: Callable,
    *,
    starts: int = 16,
    iterations: int = 200,
    random: int = 1000,
    rate: float = 0.05,
    seed: int = 0,
    agreement: float = 1e-3,
    batch: int = 8,
    progress: Progress = quiet,
) -> WorstCase:
    """Maximise measured/bound of a claim over the members of its hypothesis class.

    **Arguments:**

    - `ratio`: `ratio(parameters, fine)` gives an `Outcome`, or measured/bound alone, of the member with these parameters. With
      `fine=True` it has to use four times the points (twice the box, half the spacing) and half the step.
    - `draw`: `draw(key)` gives the parameters of a random member, any pytree of floats without constraints.
    - `starts`, `iterations`, `rate`: of the search (Adam, its rate falling to 0). The starts are the best of four times as many
      draws, other than the random members.
    - `random`: how many random members are measured beside it; `seed`: of both.
    - `agreement`: how far `ratio` may change with `fine`, relatively. `batch`: members that are computed together.

    A second search by the same functions compiles nothing; what they close over belongs to their programs, what a
    `jax.tree_util.Partial` or an `equinox.Module` holds as arrays (an ħ, say) does not.

    **Returns:** a `WorstCase`.

    **Raises:** `ValueError` in single precision, for arguments that cannot be right, and if no member is confirmed.

    >>> import jax, jax.numpy as jnp, jaxwigner as jw
    >>> def measured_over_bound(a, fine):  # ‖Av‖² ≤ ‖A‖²‖v‖² for a fixed A
    ...     v = a / jnp.linalg.norm(a)
    ...     return jnp.sum((jnp.diag(jnp.array([3.0, 2.0, 1.0])) @ v) ** 2) / 9.0
    >>> found = jw.worst_case(measured_over_bound, lambda key: jax.random.normal(key, (3,)), starts=4, random=10)
    >>> round(found.ratio, 4), found.improves
    (1.0, True)
    """
    require_double()
    _check(ratio, draw, starts, iterations, random, rate, agreement, batch)
    evaluate, draw = _kept(ratio, draw)
    progress("random members", 0, iterations)
    # Members and candidates for the starts in one program.
    drawn = _on_host(_draw(draw, jax.random.key(seed), random + SCREENED * starts))
    every = _outcomes(evaluate, drawn, batch, False)
    good = np.asarray((every.trust <= 1) & jnp.isfinite(every.ratio))
    ratios = np.where(good, np.asarray(every.ratio), -np.inf)
    order = random + np.argsort(-ratios[random:])[:starts]
    chosen = jax.tree.map(lambda leaf: leaf[order], drawn)
    best, history = _search(evaluate, chosen, iterations, rate, batch, progress)
    progress("confirming at four times the points", iterations, iterations)
    searched, parameters, confirmed, refused = _confirm(evaluate, *best, agreement, starts)
    baseline = _confirm(evaluate, ratios[:random], drawn, agreement, TRIED)[2]
    if parameters is None:
        tried = "; ".join(f"{a:.6g} became {b:.6g} (trust {t:.1g})" for a, b, t in refused[:3])
        raise ValueError(
            f"No case of the search was confirmed at four times the points and half the step: {tried or 'none was resolved'}; "
            "increase the points and steps that `ratio` uses"
        )
    seen = np.sort(ratios[:random][good[:random]])
    return WorstCase(confirmed, searched, parameters, baseline, seen, history, tuple(refused))


class _Evaluate(eqx.Module):
    """The ratio as an `Outcome`; one with an equal key, and of equal functions, is the same program."""

    ratio: Callable
    key: Any = eqx.field(static=True)

    def __call__(self, parameters: PyTree, fine: bool) -> Outcome:
        found = self.ratio(parameters, fine)
        found = found if isinstance(found, Outcome) else Outcome(found)
        return jax.tree.map(jnp.asarray, found)


def _kept(ratio: Callable, draw: Callable) -> tuple[_Evaluate, Callable]:
    """Both so that another search by the same functions finds its programs; what they depend on may be past telling."""
    known, key = with_known_functions((ratio, draw)), structure_key((ratio, draw))
    if known is None or key is None:
        return _Evaluate(ratio, object()), lambda key: draw(key)
    return _Evaluate(known[0], key), known[1]


@jitted
def _draw(draw: Callable, key: Array, count: int) -> PyTree:
    members = jax.vmap(draw)(jax.random.split(key, count))
    moving = [jnp.issubdtype(leaf.dtype, jnp.floating) for leaf in jax.tree.leaves(members)]
    require(moving and all(moving), "draw", "return real floating-point arrays", str(members))
    return members


@jitted
def _outcomes(evaluate: Callable, members: PyTree, batch: int, fine: bool) -> Outcome:
    return jax.lax.map(lambda a: evaluate(a, fine), members, batch_size=batch)


def _search(evaluate, a, iterations, rate, batch, progress):
    """The best member of each start and its ratio, and the best so far over the iterations."""
    starts = jax.tree.leaves(a)[0].shape[0]
    # Of the type that comes back, or the second call would be another program.
    memory = _memory(a, rate, iterations)
    climb = (a, memory, a, np.full(starts, -np.inf))
    history = []
    for done in range(0, iterations, BETWEEN):
        shown = f"best so far {np.max(climb[3]):.4f}" if done else "search"
        progress(shown, done, iterations)
        plan = (rate, iterations, min(BETWEEN, iterations - done))
        climb, seen = _climb(evaluate, climb, plan, batch)
        history.append(np.asarray(seen).T)
    return (np.asarray(climb[3]), _on_host(climb[2])), np.concatenate(history)


def _on_host(members: PyTree) -> PyTree:
    """Of whose arrays entries are taken without a program for each shape."""
    return jax.tree.map(np.asarray, members)


@jitted
def _memory(a: PyTree, rate: float, iterations: int) -> PyTree:
    return jax.vmap(_optimiser(rate, iterations).init)(a)


def _optimiser(rate: float, iterations: int) -> Any:
    import optax

    falling = optax.cosine_decay_schedule(rate, iterations)
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adam(falling))


@jitted
def _climb(evaluate, climb, plan: tuple[float, int, int], batch: int):
    import optax

    rate, iterations, count = plan
    optimiser = _optimiser(rate, iterations)

    def loss(a):
        found = evaluate(a, False)
        return -jnp.log(jnp.maximum(found.ratio, 1e-300)), found

    def step(climb, _):
        a, memory, best, top = climb
        (_, found), slopes = jax.value_and_grad(loss, has_aux=True)(a)
        sound = _all_finite(slopes) & jnp.isfinite(found.ratio) & (found.trust <= 1)
        better = sound & (found.ratio > top)
        choose = lambda flag, x, y: jax.tree.map(lambda p, q: jnp.where(flag, p, q), x, y)  # noqa: E731
        best, top = choose(better, a, best), jnp.where(better, found.ratio, top)
        updates, ahead = optimiser.update(slopes, memory, a)
        # From where nothing can be trusted, back to the best member so far.
        a = choose(sound, optax.apply_updates(a, updates), best)
        return (a, choose(sound, ahead, memory), best, top), top

    run = lambda one: jax.lax.scan(step, one, length=count)  # noqa: E731
    return jax.lax.map(run, climb, batch_size=batch)


def _all_finite(tree: PyTree) -> Array:
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(tree)]))


def _confirm(evaluate, ratios: Float[np.ndarray, " n"], members: PyTree, agreement, tries: int):
    """The best member whose ratio stands at four times the points: (ratio, parameters, confirmed ratio), and those refused."""
    refused = []
    for index in np.argsort(-ratios)[:tries]:
        searched = float(ratios[index])
        if not np.isfinite(searched):
            break
        member = jax.tree.map(lambda leaf, i=index: leaf[i], members)
        found = _fine(evaluate, member)
        confirmed, trust = float(found.ratio), float(found.trust)
        if trust <= 1 and abs(confirmed - searched) <= agreement * abs(confirmed):
            return searched, jax.tree.map(jnp.asarray, member), confirmed, refused
        refused.append((searched, confirmed, trust))
    return float("nan"), None, float("nan"), refused


@jitted
def _fine(evaluate: Callable, member: PyTree) -> Outcome:
    return evaluate(member, True)


def _check(ratio, draw, starts, iterations, random, rate, agreement, batch) -> None:
    check_callable("ratio", ratio)
    check_callable("draw", draw)
    counts = {"starts": starts, "iterations": iterations, "random": random, "batch": batch}
    for name, value in counts.items():
        check_integer(name, value, at_least=1)
    check_positive_scalar("rate", rate)
    check_positive_scalar("agreement", agreement)
