"""Packets for which AFG (9) is nearly used up: v = (H − κ)⁻¹g comes as near R = 0 as its energy allows, for an s-wave of a dimer.

    ∫_{r<δ}|v|² / ‖(H − κ)v‖² = ⟨g, (H − κ)⁻¹ 1_{r<δ} (H − κ)⁻¹ g⟩/‖g‖² ≤ γ(h)δ²/C²,      largest for the top eigenvector g

v alone has a bound above 1, which says nothing: a far packet w beside it, a²v + (1 − a²)w, of next to no energy, brings it below. For
g = r^{−½} on (δ₀, δ₁) the mass of v below δ is ~ δ² for all δ between: no state has C²P/(Kδ²) above
1/(1 + 2ln(δ₁/δ₀)) at all of them, since K ≥ C²∫r⁻²dP = C²(P(δ₁)/δ₁² + 2∫P r⁻³dr). Matrices are between functions scaled by √w.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.quantum import PartialWaves, RadialGrid
from jaxwigner.quantum import radial_observables as radial

NODES = 64  # of the quadrature over r < δ


def resolvent(system: PartialWaves) -> Array:
    """(H − κ)⁻¹ of the first ℓ of a system, a symmetric matrix.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.extremisers import resolvent
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 0.5, 0.25, waves=1)
    >>> bool(abs(resolvent(system) - resolvent(system).T).max() < 1e-9)
    True
    """
    H = system.inertia * system.grid.kinetic_matrix + jnp.diag(system.values[0])
    return jnp.linalg.inv(H - radial.lower_bound(system) * jnp.eye(system.grid.points))


def inner_form(grid: RadialGrid, radius: Scalar, nodes: int = NODES) -> Array:
    """1_{r<δ} as a quadratic form.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.extremisers import inner_form
    >>> grid = jw.RadialGrid(8.0, 31, "lobatto")
    >>> bool(abs(inner_form(grid, 8.0) - jnp.eye(31)).max() < 0.2)  # the mass is lumped
    True
    """
    x, w = np.polynomial.legendre.leggauss(nodes)
    values = grid.interpolate(jnp.diag(1 / jnp.sqrt(grid.weights)), 0.5 * radius * (1 + x))
    return 0.5 * radius * (values * w[None]) @ values.T


def collider(system: PartialWaves, radius: Scalar) -> Array:
    """The v of unit norm with the largest ∫_{r<δ}|v|²/‖(H − κ)v‖², as a state of one wave.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum import radial_observables as radial
    >>> from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant
    >>> from jaxwigner.theorems.afg.sharp.extremisers import collider
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95, "lobatto"), 0.5, 0.25, waves=1)
    >>> v = collider(system, 0.5)
    >>> share = radial.inner_mass(v, system, 0.5) / radial.hamiltonian_square(v, system)
    >>> bool(0.99 < share / sharp_constant(0.5) < 1.001)  # C = δ: the bound is γ
    True
    """
    inverse = resolvent(system)
    _, vectors = jnp.linalg.eigh(inverse @ inner_form(system.grid, radius) @ inverse)
    return _state(inverse @ vectors[:, -1], system)


def flat_collider(system: PartialWaves, inner: Scalar, outer: Scalar) -> Array:
    """v = (H − κ)⁻¹g of unit norm with ∫_{r<δ}|v|² ~ δ² for all δ from `inner` to `outer`.

    g = r^{−½} a little beyond both ends, and twice as large at the inner one, for the mass below it.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum import radial_observables as radial
    >>> from jaxwigner.theorems.afg.sharp.extremisers import flat_collider
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 127, "lobatto"), 1.0, 0.1, waves=1)
    >>> v = flat_collider(system, 1.0, 4.0)
    >>> near, far = (radial.inner_mass(v, system, d) for d in (1.0, 4.0))
    >>> bool(14 < far / near < 18)
    True
    """
    r, weights = system.grid.radii, system.grid.weights
    window = _step(r / (0.7 * inner)) * _step(1.15 * outer / r)
    bump = jnp.exp(-0.5 * (jnp.log(r / (0.8 * inner)) / 0.15) ** 2)
    return _state(resolvent(system) @ (jnp.sqrt(weights / r) * window * (1 + bump)), system)


def _step(ratio: Array) -> Array:
    """From 0 to 1 where the ratio passes 1, within a tenth."""
    return jax.nn.sigmoid(jnp.log(ratio) / 0.1)


def with_far_packet(
    v: Array, system: PartialWaves, share: Scalar, centre: Scalar, spread: Scalar
) -> Array:
    """a·v + (1 − a²)^½ w, `share` = a², w a Gaussian at rest about r = `centre`, orthogonal to v.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.extremisers import collider, with_far_packet
    >>> system = jw.PartialWaves(jw.RadialGrid(9.0, 95, "lobatto"), 0.5, 0.25, waves=1)
    >>> u = with_far_packet(collider(system, 0.5), system, 0.3, 6.0, 0.6)
    >>> round(float(jw.quantum.radial_observables.radial_density(u, system) @ system.grid.weights), 12)
    1.0
    """
    r, weights = system.grid.radii, system.grid.weights
    w = jnp.exp(-0.5 * ((r - centre) / spread) ** 2)[None].astype(v.dtype)
    w = w - jnp.sum(jnp.conj(v) * w * weights[None]) * v
    w = w / jnp.sqrt(radial.radial_density(w, system) @ weights)
    # A quarter of a turn between them: what v and w have in common does not enter K.
    return jnp.sqrt(share) * v + 1j * jnp.sqrt(1 - share) * w


def _state(vector: Array, system: PartialWaves) -> Array:
    vector = vector / jnp.linalg.norm(vector)
    return (vector / jnp.sqrt(system.grid.weights))[None].astype(complex)
