"""The user's own system: a potential and a mass for each coordinate, and the well into which a point slides.

The search is Newton's with |D²U| in place of D²U, shortened until U falls all along the step, so that no barrier is jumped. It runs on
constants; one more Newton step, x − (D²U)⁻¹∇U, carries the derivatives of the minimum in the parameters of U.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import check_masses, each
from jaxwigner._types import Array, Scalar
from jaxwigner.compiled import compiled
from jaxwigner.potentials import Function, Potential, as_potential
from jaxwigner.potentials._functions import counts_of
from jaxwigner.potentials.on_grid import check_potential

STEPS = 200
SAMPLES = 8  # places along a step at which U is looked at
RISE = 0.25  # of what U falls along a step: how much it may rise again
SETTLED = 1e-3  # of the width of the well: how far the minimum may be from where the search ends; on a slope it is far


class OwnSystem(eqx.Module):
    """A potential of d coordinates and a mass for each of them, in atomic units.

    **Arguments:** `potential`: a `Potential` or a function of d coordinate arrays; `mass`: a number, or one for each coordinate; `d`:
    the number of coordinates, where neither potential nor masses nor the arguments of the function say it (default 1).

    >>> import jaxwigner as jw
    >>> from jaxwigner.studies.compare.states import OwnSystem
    >>> OwnSystem(jw.potentials.Harmonic(1.0), 2.0, 2).mass
    (2.0, 2.0)
    """

    potential: Potential
    mass: tuple[Scalar, ...]

    def __init__(self, potential: Any, mass: Any, d: int | None = None):
        self.potential = as_potential(potential)
        masses = check_masses(mass)
        several = len(masses) if isinstance(masses, tuple) else None
        known = self.potential.dimension, several, _arguments(self.potential)
        d = next((n for n in (d, *known) if n is not None), 1)
        self.mass = each(check_masses(mass, d), d)
        check_potential(self.potential, d)

    @property
    def d(self) -> int:
        """The number of coordinates."""
        return len(self.mass)


def _arguments(potential: Potential) -> int | None:
    """How many coordinates a function names."""
    if not isinstance(potential, Function):
        return None
    counts = counts_of(potential.function)
    return counts[0] if len(counts) == 1 else None


class Well(NamedTuple):
    """Minimum, D²U there, U there, and how far the search was from it when it ended."""

    position: Array
    hessian: Array
    bottom: Array
    apart: Array


@compiled
def slide(potential: Potential, start: Any) -> Well:
    """The minimum of U into which a point slides."""
    start = jnp.asarray(start, float)

    def energy(potential, x):
        return potential(*x)

    still = jax.tree.map(lambda a: jax.lax.stop_gradient(a) if eqx.is_array(a) else a, potential)
    x = jax.lax.stop_gradient(_descend(lambda x: energy(still, x), jax.lax.stop_gradient(start)))
    force = jax.grad(energy, 1)
    hessian = jax.hessian(energy, 1)
    step = _solved(hessian(potential, x), -force(potential, x))
    lowest = x + step
    return Well(lowest, hessian(potential, lowest), energy(potential, lowest), step)


def _solved(matrix: Array, vector: Array) -> Array:
    """M⁻¹v; of one number without the library that compiles longer than all else."""
    return vector / matrix[0] if len(vector) == 1 else jnp.linalg.solve(matrix, vector)


def _eigen(matrix: Array) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of a symmetric matrix."""
    if len(matrix) == 1:
        return matrix[0], jnp.ones_like(matrix)
    values, vectors = jnp.linalg.eigh(matrix)
    return values, vectors


def _descend(energy: Any, start: Array) -> Array:
    """Steps of |D²U|⁻¹∇U, each along which U falls."""
    along = jnp.linspace(0.0, 1.0, SAMPLES + 1, dtype=start.dtype)
    gradient, hessian = jax.grad(energy), jax.hessian(energy)
    tiny = jnp.finfo(start.dtype).eps

    def newton(x):
        values, vectors = _eigen(hessian(x))
        size = jnp.maximum(jnp.abs(values), tiny * jnp.max(jnp.abs(values)) + 1e-300)
        return -vectors @ ((vectors.T @ gradient(x)) / size)

    # The step is found again where it was only shortened: to compile it in two places takes longer than all that.
    def body(carry):
        x, _, share, count = carry
        step = newton(x)
        path = jax.vmap(lambda t: energy(x + t * share * step))(along)
        lowest = jax.lax.cummin(path)
        falls = jnp.all(path - lowest <= RISE * (path[0] - lowest[-1])) & (lowest[-1] < path[0])
        far = jnp.max(jnp.abs(step)) > jnp.sqrt(tiny) * 0.01 * jnp.max(jnp.abs(x))
        x = jnp.where(falls & far, x + share * step, x)
        return x, far, jnp.where(falls, jnp.minimum(1.0, 2 * share), share / 4), count + 1

    def more(carry):
        _, far, share, count = carry
        return far & (share > tiny) & (count < STEPS)

    first = start, jnp.array(True), jnp.ones((), start.dtype), 0
    return jax.lax.while_loop(more, body, first)[0]


@compiled
def ground_matrix(system: OwnSystem, start: Any, hbar: Scalar) -> tuple[Array, Array]:
    """A = M^{½}ΩM^{½} of the well into which a point slides, and whether there is one."""
    well = slide(system.potential, start)
    roots = jnp.sqrt(jnp.stack([jnp.asarray(m, well.hessian.dtype) for m in system.mass]))
    both = roots[:, None] * roots[None, :]
    weighted = well.hessian / both
    squares, _ = _eigen(jax.lax.stop_gradient(weighted))
    width = jnp.sqrt(hbar / (2 * jnp.sqrt(jnp.abs(jnp.diagonal(well.hessian)))) / roots)
    moved = jnp.maximum(jnp.abs(well.position), jnp.abs(well.position - jnp.stack(start)))
    # In widths, and by the coordinate that moved most: one that begins at its minimum has nothing of its own to compare with.
    far = jnp.max(moved / width) * width
    near = jnp.abs(well.apart) <= 10 * jnp.sqrt(jnp.finfo(width.dtype).eps) * far
    near = near & (jnp.abs(well.apart) <= SETTLED * width)
    good = jnp.all(near) & jnp.all(squares > 1e-10 * jnp.max(jnp.abs(squares)))
    A = both * square_root(jnp.where(good, weighted, jnp.eye(system.d, dtype=both.dtype)))
    return jnp.where(good, A, jnp.nan), good


def fastest(potential: Potential, mass: Any, x: Any) -> float:
    """The highest frequency √(|D²U|/m) at points (n, d); 0 where U is not defined.

    >>> import jaxwigner as jw
    >>> from jaxwigner.studies.compare.states.own import fastest
    >>> round(fastest(jw.potentials.Harmonic(8.0), [2.0], [[0.0], [1.0]]), 9)
    2.0
    """
    hessian = jax.hessian(lambda q: potential(*q))
    roots = jnp.sqrt(jnp.asarray(mass, float))
    both = roots[:, None] * roots[None, :]
    weighted = jax.vmap(lambda q: hessian(q) / both)(jnp.asarray(x, float))
    sizes = jnp.abs(jnp.linalg.eigvalsh(jnp.nan_to_num(weighted, nan=0.0)))
    return float(jnp.sqrt(jnp.max(sizes)))


@jax.custom_jvp
def square_root(matrix: Float[Array, "d d"]) -> Float[Array, "d d"]:
    """The square root of a positive matrix; its derivative exists where eigenvalues agree, too."""
    values, vectors = _eigen(matrix)
    return (vectors * jnp.sqrt(values)[None]) @ vectors.T


@square_root.defjvp
def _square_root_jvp(primals, tangents):
    (matrix,), (change,) = primals, tangents
    values, vectors = _eigen(matrix)
    roots = jnp.sqrt(values)
    inside = (vectors.T @ change @ vectors) / (roots[:, None] + roots[None, :])
    return (vectors * roots[None]) @ vectors.T, vectors @ inside @ vectors.T
