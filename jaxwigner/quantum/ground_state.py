"""The ground state of Hartree's equation, with `Contact(g)` that of Gross and Pitaevskii: (T + U + V⋆|ψ|²)ψ = μψ, ∫|ψ|² = 1.

It is the minimum of E = ⟨T⟩ + ⟨U⟩ + ½∬V|ψ|²|ψ|², found on the host by Newton's method. As E is stationary there, its derivative in a
parameter is that of the expression at the same ψ; μ = E + ½∬V|ψ|²|ψ|² and ψ have no such rule, and no derivative here.
"""

from __future__ import annotations

import functools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import observables
from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.potentials.combined import is_driven
from jaxwigner.potentials.on_grid import has_no_edge, with_edge, with_seam
from jaxwigner.potentials.pairs.contact import LocalField
from jaxwigner.potentials.pairs.on_grids import Convolution, mean_field
from jaxwigner.quantum.eigenstates import (
    REMEDIES,
    TOLERANCE,
    at_ends,
    by_variation,
    hamiltonian_of,
    host,
    without_derivative,
)
from jaxwigner.quantum.hartree import Hartree
from jaxwigner.quantum.minimiser import Minimum, minimise


class GroundState(eqx.Module):
    """`energy` E per body; `chemical_potential` μ; `state` ψ > 0 with ∫ψ² = 1; `residual` ‖(H_ψ − μ)ψ‖, the accuracy of μ;
    `spectral_tail`: share of ψ in the outer tenth of the spectrum; `edge_density`: density at the ends of the box over the mean one.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 64)
    >>> trap = jw.potentials.Harmonic(1.0)
    >>> found = jw.ground_state(jw.Hartree(grid, jw.potentials.Contact(0.0), 1.0, external=trap))
    >>> round(float(found.chemical_potential), 10), found.state.shape
    (0.5, (64,))
    """

    energy: Float[Array, ""]
    residual: Float[Array, ""]
    spectral_tail: Float[Array, ""]
    edge_density: Float[Array, ""]
    parameters: Any
    frozen: tuple[Array, Array]

    @property
    def chemical_potential(self) -> Float[Array, ""]:
        """μ; not differentiable."""
        return without_derivative(self.parameters, self.frozen[0])

    @property
    def state(self) -> Float[Array, "*shape"]:
        """ψ; not differentiable."""
        return without_derivative(self.parameters, self.frozen[1])


def ground_state(
    system: Hartree, *, tolerance: Scalar = TOLERANCE, throw: bool = True
) -> GroundState:
    """The ψ > 0 of lowest energy of a `Hartree` system in d = 1, 2, 3, to rounding: E and μ to about 1e-13 of themselves.

    Newton's method on the sphere ∫ψ² = 1 from the level without interaction. A repulsive V (V̂ ≥ 0) has one minimum; with an attractive
    one it is a minimum, not a saddle, of the well that this level lies in. Works under `jit`, `vmap` (one after the other) and, for the
    energy, `grad`: ∂E/∂a = ⟨∂T/∂a⟩ + ⟨∂U/∂a⟩ + ½∬∂V/∂a ρρ. Computed on the host, in double precision.

    **Arguments:** `system`: `Hartree(grid, potentials.Contact(g), hbar, external=U)` or with another V; `tolerance`, `throw`: as for
    `levels`.

    **Returns:** `GroundState`.

    **Raises:** `ValueError` for another system (`levels` is for `Schrodinger`), a state that the grid does not resolve (an attraction
    that collapses is held by none), and where Newton's method ends nowhere.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 128)
    >>> bosons = jw.Hartree(grid, jw.potentials.Contact(3.1371), 1.0, external=jw.potentials.Harmonic(1.0))
    >>> found = jw.ground_state(bosons)
    >>> round(float(found.energy), 9), round(float(found.chemical_potential), 9)
    (1.044097645, 1.526594502)
    """
    must = "be a Hartree system (`levels` is for Schrodinger)"
    require(type(system) is Hartree, "system", must, type(system).__name__)
    must = "be static and without an absorber, as stationary states are"
    require(not is_driven(system), "system", must, "driven: U depends on time")
    require(system.absorb is None, "system", must, "one that absorbs")
    check_positive_scalar("tolerance", tolerance)
    grid = system.grid
    T, U = hamiltonian_of(system._linear)
    cell = jnp.asarray(grid.cell)
    parameters = (T, U, mean_field(system.pair, grid), cell)
    arrays, static = eqx.partition(parameters, eqx.is_array)
    leaves, tree = jax.tree.flatten(arrays)
    solve = functools.partial(_minimum, tree=tree, static=static)
    like = lambda shape: jax.ShapeDtypeStruct(shape, U.dtype)  # noqa: E731
    shapes = Minimum(like(()), like(()), like(U.shape), like(()), like(U.shape))
    value, mu, vector, residual, power = host(solve, shapes, *leaves)
    energy = by_variation(_energy, parameters, (vector**2, power), value)
    edges = with_edge(grid, has_no_edge(grid, system.pair, system.external))
    tail = observables.spectral_tail(power, grid.wavenumber_mesh)
    psi = vector / jnp.sqrt(jax.lax.stop_gradient(cell)).astype(vector.dtype)
    edge = at_ends(vector**2, edges)
    edge = with_seam({"edge_mass": edge}, grid, system.pair, system.external)["edge_mass"]
    found = GroundState(energy, residual, tail, edge, parameters, (mu, psi))
    return _checked(found, tolerance) if throw else found


def _minimum(*leaves: Any, tree: Any, static: Any) -> Minimum:
    known = [np.asarray(leaf) for leaf in leaves]
    T, U, field, cell = eqx.combine(jax.tree.unflatten(tree, known), static)
    wide = functools.partial(np.asarray, dtype=float)
    mean = _local(field, wide(cell)) if isinstance(field, LocalField) else _by_fft(field, cell)
    return minimise(wide(T), wide(U), mean)


def _local(field: LocalField, cell: np.ndarray) -> Any:
    g = float(field.strength) / cell
    return lambda squares: g * squares


def _by_fft(field: Convolution, cell: np.ndarray) -> Any:
    """V⋆ρ by SciPy: inside of a callback JAX must not be called."""
    from scipy import fft

    kernel = np.asarray(field.kernel)[0] / cell
    inside = tuple(slice(n) for n in field.shape)

    def mean(squares: np.ndarray) -> np.ndarray:
        spectrum = kernel * fft.rfftn(squares, s=field.padded)
        return np.asarray(fft.irfftn(spectrum, s=field.padded))[inside]

    return mean


def _energy(parameters: Any, at: Any) -> Array:
    """E from v² = |ψ|²·cell and |v̂|²."""
    (T, U, field, cell), (squares, power) = parameters, at
    interaction = 0.5 * squares * field(squares / cell.astype(squares.dtype))[0]
    return jnp.sum(power * T + squares * U + interaction)


def _checked(found: GroundState, tolerance: Any) -> GroundState:
    """The state, if it is resolved; NaN is not."""
    good = (found.spectral_tail <= tolerance) & (found.edge_density <= tolerance)
    if concrete((found, tolerance)):
        for name, remedy in REMEDIES.items():
            share = float(getattr(found, name))
            if not share <= float(tolerance):
                must = f"resolve its ground state ({name} at most {float(tolerance):.0e})"
                but = f"it has {share:.1e}: {remedy} (an attraction may collapse)"
                raise ValueError(f"Argument `system` must {must}, but {but}")
        return found
    text = "Argument `system` must resolve its ground state, but does not; see the fields of `throw=False`"
    energy = eqx.error_if(found.energy, ~good, text)
    return eqx.tree_at(lambda one: one.energy, found, energy)
