"""The sharp constant of near collisions is attained."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant

gamma = jax.jit(sharp_constant)


def test_the_sharp_constant_is_attained():
    """A state that focuses on {|R| < δ}: the maximiser H⁻¹1H⁻¹ has P(|R|<δ) = γKδ²/C²; no other on the grid has more."""
    h = 0.5
    grid = jw.RadialGrid(60.0, 400, "lobatto")
    H = np.asarray(h**2 * grid.kinetic_matrix + jnp.diag(1 / grid.radii))
    inside = np.asarray(grid.radii) < 1.0
    G = np.linalg.inv(H)[inside]
    # Cutting at a node is first order in the spacing there.
    largest = np.linalg.eigvalsh(G.T @ G)[-1]
    assert abs(largest / float(gamma(h)) - 1) < 0.15
