"""Bound levels of a Schrödinger system in d = 1, 2, 3: Hψ_n = E_nψ_n, computed on the host, differentiated by Hellmann and Feynman.

H = T(ħk) + U(x) is read off the half-flows of the system, whatever its kinetic energy is. dE_n = ⟨n|dH|n⟩ needs no derivative of a
state; for a degenerate level it is the mean over its group, the only number that no choice of a basis changes. Derivatives of states,
and with them second derivatives of energies, are refused.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import observables
from jaxwigner._checks import check_integer, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.potentials.combined import is_driven
from jaxwigner.potentials.on_grid import is_periodic, with_edge, with_seam
from jaxwigner.quantum.eigensolver import Solved, lowest
from jaxwigner.quantum.schrodinger import Schrodinger

TOLERANCE = 1e-10  # share of a level in the outer tenth of the spectrum, or of the mean density at the ends of the box


class Eigenstates(eqx.Module):
    """Levels of a system, an array of `energies` with more beside: `len`, indices, iteration and `np.asarray` are those of `energies`.

    `energies` (n,), ascending; `states` (n, *grid.shape), real, ∫ψ² = 1, positive where, in the order of the array, |ψ| first exceeds
    half of its maximum (of degenerate levels any orthonormal basis); `errors`: bounds of the distance to an eigenvalue of the
    discretised H. What the grid adds is seen in two shares of each level: `spectral_tail`, in the outer tenth of the spectrum, and
    `edge_density`, the density at the ends of the box over the mean one. `threshold`: the lowest U at the ends of the box, where the
    continuum begins (∞ where the box has no ends).

    >>> import numpy as np, jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 64)
    >>> found = jw.levels(jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), hbar=0.5), 3)
    >>> np.round(np.diff(found), 10).tolist(), found.states.shape, float(found.threshold)
    ([0.5, 0.5], (3, 64), 30.03125)
    """

    energies: Float[Array, " n"]
    errors: Float[Array, " n"]
    spectral_tail: Float[Array, " n"]
    edge_density: Float[Array, " n"]
    threshold: Float[Array, ""]
    operator: tuple[Any, ...]
    frozen: Float[Array, " n *shape"]

    @property
    def states(self) -> Float[Array, " n *shape"]:
        """ψ_n; under `jax.grad` a sentence, since only energies have derivatives."""
        return without_derivative(self.operator, self.frozen)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.energies, dtype=dtype)

    def __len__(self) -> int:
        return self.energies.shape[0]

    def __iter__(self) -> Iterator[Array]:
        return iter(self.energies)

    def __getitem__(self, index: Any) -> Array:
        if isinstance(index, int) and not -len(self) <= index < len(self):
            raise IndexError(f"There are {len(self)} levels, and no level {index}")
        return self.energies[index]


def levels(
    system: Schrodinger, n: int, *, tolerance: Scalar = TOLERANCE, throw: bool = True
) -> Eigenstates:
    """The n lowest levels E_0 ≤ E_1 ≤ … of H = T + U on the grid of a system, to about 1e-13 of the spectrum that they span.

    Below 1000 points by a dense eigenproblem, else by ARPACK on products with FFTs; U and T far above the levels are cut off there,
    which is shown to move nothing. Works under `jit`, `vmap` (one after the other) and `grad`: ∂E_n/∂a = ⟨n|∂H/∂a|n⟩ (Hellmann 1937,
    Feynman 1939) in ħ, masses, parameters of U and the box; for degenerate levels (nearer than 1e-8 of their height) the mean over
    the group, which is right where a perturbation leaves them together. Computed on the host, in double precision.

    **Arguments:** `system`: a `Schrodinger` system in d = 1, 2, 3; `n`: how many (static); `tolerance`: largest `spectral_tail` and,
    unless the box holds whole periods of U, `edge_density`; `throw`: whether levels that are not bound or not resolved are refused
    (under `jit` at run time, `equinox.EquinoxRuntimeError`) or only reported by the fields.

    **Returns:** `Eigenstates`.

    **Raises:** `ValueError` for a system that is driven or absorbs, more levels than the well binds (it says how many there are), and
    levels that the grid does not resolve.

    >>> import jax, numpy as np, jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 64)
    >>> found = jw.levels(jw.Schrodinger(grid, lambda x: 0.5 * x**2, hbar=0.5), 3)
    >>> [round(float(E), 12) for E in found], found.states.shape
    ([0.25, 0.75, 1.25], (3, 64))
    >>> ground = lambda a: jw.levels(jw.Schrodinger(grid, lambda x: 0.5 * a**2 * x**2, hbar=0.5), 1).energies[0]
    >>> round(float(jax.grad(ground)(1.0)), 12)  # E_0 = ħa/2
    0.25
    """
    T, U = hamiltonian_of(system)
    check_integer("n", n, at_least=1)
    check_positive_scalar("tolerance", tolerance)
    grid = system.grid
    most = U.size
    require(n <= most, "n", f"be at most the number of points of the grid ({most})", n)
    solved = host(functools.partial(_solved, n=int(n)), _shapes(n, U), T, U)
    energies, vectors, errors, rho, power = solved
    value = by_variation(_expectation, (T, U), (rho, power), energies)
    operator = (T, U, jnp.asarray(grid.cell))
    frozen = vectors / jnp.sqrt(jax.lax.stop_gradient(operator[2])).astype(vectors.dtype)
    edges = with_edge(grid, is_periodic(system.potential, grid))
    tail = jax.vmap(lambda p: observables.spectral_tail(p, grid.wavenumber_mesh))(power)
    edge = jax.vmap(lambda r: at_ends(r, edges))(rho)
    edge = with_seam({"edge_mass": edge}, grid, system.potential)["edge_mass"]
    threshold = jax.lax.stop_gradient(_threshold(U, edges))
    found = Eigenstates(value, errors, tail, edge, threshold, operator, frozen)
    return _checked(found, n, tolerance) if throw else found


def hamiltonian_of(system: Any) -> tuple[Array, Array]:
    """T at the wavenumbers and U at the points of the grid, from the half-flows over ħ: e^{−iT/ħ·τ} and e^{−iU/ħ·τ}."""
    must = "be a Schrodinger system, static and without an absorber"
    require(isinstance(system, Schrodinger), "system", must, type(system).__name__)
    require(not is_driven(system), "system", must, "driven: U depends on time")
    require(system.absorb is None, "system", must, "one that absorbs")
    hbar = jnp.asarray(system.hbar)
    flows: Any = system.drift_flow(hbar), system.kick_flow(hbar)
    T, U = (jnp.broadcast_to(sum(flow.phases), system.grid.shape) for flow in flows)
    dtype = jnp.result_type(T, U)
    return T.astype(dtype), U.astype(dtype)


def _shapes(n: int, U: Array) -> Solved:
    vector, field = ((n, *more) for more in ((), U.shape))
    shapes = (vector, field, vector, field, field)
    return Solved(*(jax.ShapeDtypeStruct(shape, U.dtype) for shape in shapes))


def _solved(T: Any, U: Any, n: int) -> Solved:
    return lowest(np.asarray(T), np.asarray(U), n)


def host(function: Any, shapes: Any, *arrays: Any) -> Any:
    """A function of NumPy arrays, also inside of `jit`; it has no derivative."""
    still = jax.lax.stop_gradient(arrays)
    types = jax.tree.leaves(shapes)
    if concrete(still):
        found = function(*still)
        values = [jnp.asarray(one, like.dtype) for one, like in zip(found, types)]
        return jax.tree.unflatten(jax.tree.structure(shapes), values)
    typed = lambda *known: jax.tree.map(  # noqa: E731
        lambda one, like: np.asarray(one, like.dtype), function(*known), shapes
    )
    return jax.pure_callback(typed, shapes, *still, vmap_method="sequential")


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def by_variation(expression: Any, parameters: Any, at: Any, value: Any) -> Any:
    """The value of an expression at a stationary point: its derivative is that of expression(parameters, at) with `at` held."""
    return value


@by_variation.defjvp
def _by_variation(expression, primals, tangents):
    parameters, at, value = primals
    at = without_derivative(parameters, at)
    _, rate = jax.jvp(lambda p: expression(p, at), (parameters,), (tangents[0],))
    return value, rate.astype(value.dtype)


@jax.custom_jvp
def without_derivative(parameters: Any, value: Any) -> Any:
    """The value, which depends on parameters in a way that is not differentiated."""
    return value


@without_derivative.defjvp
def _without_derivative(primals, tangents):
    must = "be differentiated once, and through energies only"
    but = "its states, or second derivatives, are asked for"
    remedy = "where they are constants, take `.states` before what is differentiated"
    raise ValueError(f"Argument `system` must {must}, but {but} ({remedy})")


def _expectation(parameters: Any, at: Any) -> Array:
    """⟨n|T|n⟩ + ⟨n|U|n⟩ from |v̂|² and v² of every level."""
    (T, U), (rho, power) = parameters, at
    axes = tuple(range(1, rho.ndim))
    return jnp.sum(power * T[None] + rho * U[None], axis=axes)


def at_ends(rho: Array, axes: tuple[int, ...]) -> Array:
    """The largest density on a face of the box along some axes, integrated over it, in units of the mean along that axis."""
    faces = [jnp.take(rho, np.array([0, -1]), axis=axis) * rho.shape[axis] for axis in axes]
    sums = [jnp.sum(jnp.moveaxis(f, i, 0).reshape(2, -1), axis=1) for i, f in zip(axes, faces)]
    return functools.reduce(jnp.maximum, map(jnp.max, sums), jnp.zeros((), rho.dtype))


def _threshold(U: Array, axes: tuple[int, ...]) -> Array:
    """The lowest U on the faces of the box along some axes."""
    ends = [jnp.min(jnp.take(U, np.array([0, -1]), axis=axis)) for axis in axes]
    return functools.reduce(jnp.minimum, ends, jnp.asarray(jnp.inf, U.dtype))


def _checked(found: Eigenstates, n: int, tolerance: Any) -> Eigenstates:
    """The levels, if they are bound and resolved; NaN is neither."""
    bound = found.energies + found.errors < found.threshold
    resolved = (found.spectral_tail <= tolerance) & (found.edge_density <= tolerance)
    if concrete((found, tolerance)):
        _explain(found, int(np.sum(bound)), n, float(tolerance))
        return found
    text = "Argument `system` must bind and resolve its levels, but does not; see the fields of `throw=False`"
    energies = eqx.error_if(found.energies, ~jnp.all(bound & resolved), text)
    return eqx.tree_at(lambda one: one.energies, found, energies)


def _explain(found: Eigenstates, bound: int, n: int, tolerance: float) -> None:
    edge = float(found.threshold)
    if bound < n:
        must = f"be at most {bound}, the levels below U at the ends of the box ({edge:.6g})"
        raise ValueError(f"Argument `n` must {must}, but is {n}: the others are of the continuum")
    for name, remedy in REMEDIES.items():
        shares = np.asarray(getattr(found, name))
        worst = int(np.argmax(np.where(np.isfinite(shares), shares, np.inf)))
        if not shares[worst] <= tolerance:
            must = f"resolve its levels ({name} at most {tolerance:.0e})"
            but = f"level {worst} has {shares[worst]:.1e}: {remedy}"
            raise ValueError(f"Argument `system` must {must}, but {but}")


REMEDIES = {
    "spectral_tail": "increase `points` of the grid",
    "edge_density": "widen `lower` and `upper` of the grid",
}
