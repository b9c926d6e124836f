"""Trajectories on one level at a time: what a run of them returns, their means with sampling errors, and the loop over steps.

A mean is Σ_k w_k f_k over the starting points k, f_k = Σ_c s_kc f_kc over the branches of each (Σ_c s_kc = 1). Its standard error is
√(Σ_k w_k²(f_k − f̄)²): that of independent points with these weights, signed ones too, and too large for points more even than that.
Points of low discrepancy come in m independent copies instead: f̄ is the mean of theirs, with the error √(Σ_c(f̄_c − f̄)²/m(m − 1)).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float, Int

from jaxwigner._checks import check_integer, check_masses, check_positive_scalar, each, require
from jaxwigner._types import Array
from jaxwigner.classical.surfaces.levels import (
    energies_of_motion,
    function_of,
    seen_at,
    start_level,
)
from jaxwigner.potentials.surfaces.matrix import MatrixPotential
from jaxwigner.states import Particles


class Hoppers(eqx.Module):
    """Trajectories on levels: `weights` (k,), `positions`, `momenta` (k, d), `levels` (k,); the branches of a point in a row."""

    weights: Float[Array, " k"]
    positions: Float[Array, "k d"]
    momenta: Float[Array, "k d"]
    levels: Int[Array, " k"]


class Hopping(eqx.Module):
    """What `single_switch` and `fewest_switches` return.

    `times` (S + 1,); `observed` by name, each with the saved times first: `"populations"` (adiabatic, of the levels on which
    trajectories are), `"position"`, `"momentum"`, `"energy"`, with fewest switches also `"amplitudes"` (populations by electronic
    amplitudes); `errors`: the standard errors of sampling of the same; `state`: the trajectories at the end; `full`: the share of
    weight that came to a minimum when all its branches were taken, so that its hop was drawn (fewest switches, which draw all: 1).
    """

    times: Float[Array, " save"]
    observed: dict[str, Array]
    errors: dict[str, Array]
    state: Hoppers
    full: Float[Array, ""]


class Course(eqx.Module):
    """What is the same for every trajectory: V, ħ, a mass for each coordinate, the time of a step, and how often what is done."""

    potential: MatrixPotential
    hbar: Any
    masses: tuple[Any, ...]
    tau: Any
    saves: int = eqx.field(static=True)
    between: int = eqx.field(static=True)
    copies: int = eqx.field(static=True)

    def over_mass(self, values: Float[Array, "*shape d"]) -> Float[Array, "*shape d"]:
        """Each coordinate over its mass."""
        return jnp.stack([values[..., i] / m for i, m in enumerate(self.masses)], axis=-1)


class Start(eqx.Module):
    """A checked cloud on a level, and the first of the random numbers."""

    cloud: Particles
    level: Any
    key: Array


def checked(
    potential: Any,
    cloud: Any,
    level: Any,
    numbers: tuple[Any, Any, Any],
    counts: tuple[Any, Any, Any, Any],
) -> tuple[Course, Start]:
    """Arguments as the loop takes them, `numbers` (hbar, mass, duration) and `counts` (steps, saves, seed, copies).

    Steps are rounded up to a multiple of the saves.
    """
    (hbar, mass, duration), (steps, saves, seed, copies) = numbers, counts
    check_positive_scalar("hbar", hbar)
    check_positive_scalar("duration", duration)
    check_integer("steps", steps, at_least=1)
    check_integer("saves", saves, at_least=1)
    check_integer("seed", seed, at_least=0)
    check_integer("copies", copies, at_least=1)
    dimension = cloud.dimension if isinstance(cloud, Particles) else 1
    matrix = function_of(potential, dimension)
    cloud, number = start_level(matrix, cloud, level)
    count = cloud.weights.shape[0]
    must = f"divide the number of points, {count}"
    require(count % int(copies) == 0, "copies", must, copies)
    masses = each(check_masses(mass, dimension), dimension)
    between = -(-int(steps) // int(saves))
    tau = jnp.asarray(duration, float) / (int(saves) * between)
    course = Course(matrix, hbar, masses, tau, int(saves), between, int(copies))
    return course, Start(cloud, jnp.asarray(number), jax.random.key(seed))


def looked_at(
    course: Course, weights: Array, shares: Array, x: Array, p: Array, level: Array
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Means and standard errors; shares, levels (k, c), positions and momenta (k, c, d)."""
    sight = seen_at(course.potential, x)
    energy = energies_of_motion(p, course.masses) + sight.height(level)
    there = jax.nn.one_hot(level, course.potential.size, dtype=x.dtype)
    of_each = {"populations": there, "position": x, "momentum": p, "energy": energy[..., None]}
    means, errors = {}, {}
    for name, value in of_each.items():
        of_points = jnp.sum(shares[..., None] * value, axis=1)
        means[name], errors[name] = averaged(weights, of_points, course.copies)
    means["energy"], errors["energy"] = means["energy"][0], errors["energy"][0]
    return means, errors


def averaged(
    weights: Float[Array, " k"], values: Float[Array, "k m"], copies: int = 1
) -> tuple[Array, Array]:
    """Σw f and its standard error, of independent points or of independent copies."""
    mean = weights @ values
    if copies == 1:
        return mean, jnp.sqrt(weights**2 @ (values - mean[None]) ** 2)
    of_copies = (
        (copies * weights[:, None] * values).reshape(copies, -1, values.shape[1]).sum(axis=1)
    )
    spread = jnp.sum((of_copies - mean[None]) ** 2, axis=0)
    return mean, jnp.sqrt(spread / (copies * (copies - 1)))


def marched(
    course: Course, first: Any, key: Array, step: Callable[..., Any], look: Callable[..., Any]
) -> tuple[Any, Any]:
    """The loop: `step(state, key)` between looks; the last state, and what was looked at."""

    def advance(carry, index):
        inner = jax.random.split(jax.random.fold_in(key, index), course.between)
        carry, _ = jax.lax.scan(lambda u, one: (step(u, one), None), carry, inner)
        return carry, look(carry)

    last, seen = jax.lax.scan(jax.checkpoint(advance), first, jnp.arange(course.saves))
    begin = look(first)
    return last, jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), begin, seen)


def times_of(course: Course) -> Array:
    """When a run was looked at."""
    return course.tau * course.between * jnp.arange(course.saves + 1)
