"""Whether U is in C³ where trajectories go: a kink in U or in ∇U is no part of the third derivatives that JAX sees.

Along a piece of a trajectory with the unit vector v, φ_k = D^kU[v, …, v] changes by ∫φ_{k+1}ds, k = 1, 2; by more, it jumps. What is
left at a jump stays as it is on a sixteenth of the piece, what a quadrature leaves out does not.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.potentials import Function, Potential
from jaxwigner.studies.compare.kicks import Motion, advance, started

PARTS = 16
STEPS = 2**9
FEW = 8  # trajectories
NODES, WEIGHTS = (0.5 * one for one in np.polynomial.legendre.leggauss(5))


def check_smooth(motion: Motion, uniforms: np.ndarray, hbar: Any, span: Any, steps: int) -> None:
    """Refuse a function of the user's with jumps in its first or second derivative."""
    if not _is_own(motion.potential):
        return
    few = uniforms[:: max(1, len(uniforms) // FEW)]
    found = left_over(motion, few, hbar, span, jnp.asarray(min(steps, STEPS)))
    finest, whole, size = (np.asarray(one) for one in found)
    jumps = (finest > 0.5 * whole) & (finest > float(np.finfo(size.dtype).eps) ** 0.3 * size)
    for which, jumping in zip(("first", "second"), jumps.tolist()):
        if jumping:
            must = "have no kinks where the state goes (tanh or softplus in place of relu or abs, splines of fifth degree)"
            raise ValueError(f"Argument `potential` must {must}, but its {which} derivative jumps")


def _is_own(potential: Potential) -> bool:
    """Whether there is a function in it that the library does not know."""

    def own(one):
        known = type(one).__module__.startswith("jaxwigner.")
        return isinstance(one, Potential) and (isinstance(one, Function) or not known)

    return any(own(one) for one in jax.tree.leaves(potential, is_leaf=own))


@once
def left_over(motion: Motion, uniforms: Any, hbar: Any, span: Any, steps: Any) -> tuple[Array, ...]:
    """The largest changes of φ_1 and φ_2 that their derivatives leave over along a few trajectories, in sixteenths of pieces and in
    whole ones, and the largest of these themselves."""
    x, p, _ = motion.draw(uniforms, hbar)
    tau = span / steps

    def body(_, carry):
        now, *found = carry
        then = advance(motion, now, tau, 1)
        every = jax.vmap(lambda a, b: _piece(motion.potential, a, b))(now.x.T, then.x.T)
        return then, *(jnp.fmax(a, jnp.max(b, axis=0)) for a, b in zip(found, every))

    zero = jnp.zeros(2, x.dtype)
    return lax.fori_loop(0, steps, body, (started(motion, x.T, p.T), zero, zero, zero))[1:]


def _piece(potential: Potential, a: Array, b: Array) -> tuple[Array, ...]:
    """The same (2,) between two points; nothing where they are one or where U is lost."""
    length = jnp.sqrt(jnp.sum((b - a) ** 2))
    v = (b - a) / jnp.where(length > 0, length, 1.0)
    ends = jnp.linspace(0.0, 1.0, PARTS + 1, dtype=a.dtype)
    inside = ends[:-1, None] + (0.5 + NODES.astype(a.dtype))[None] / PARTS
    along = jax.vmap(lambda s: jnp.stack(_derivatives(lambda r: potential(*(a + r * v)), s)))
    at_ends, within = along(length * ends), along(length * inside.ravel())
    coarse = along(length * (0.5 + NODES.astype(a.dtype)))
    weights = WEIGHTS.astype(a.dtype) * length
    each = jnp.diff(at_ends[:, :2], axis=0)
    each = each - jnp.einsum("n,mnk->mk", weights, within[:, 1:].reshape(PARTS, -1, 2)) / PARTS
    whole = at_ends[-1, :2] - at_ends[0, :2] - weights @ coarse[:, 1:]
    each = jnp.stack([jnp.max(jnp.abs(one), axis=0) for one in (each, whole[None], at_ends[:, :2])])
    return tuple(jnp.where(jnp.isfinite(each) & (length > 0), each, 0.0))


def _derivatives(function: Any, s: Array) -> tuple[Any, ...]:
    """The first three derivatives of a function of one number."""
    first = jax.grad(function)
    second = jax.grad(first)
    return first(s), second(s), jax.grad(second)(s)
