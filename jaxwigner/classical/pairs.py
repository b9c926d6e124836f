"""Clouds whose particles act on each other: −∇U(x) − Σ_k w_k∇V(x − x_k), summed pair by pair or through a mesh."""

from __future__ import annotations

from typing import Any

import equinox as eqx

from jaxwigner._checks import check_integer, check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.classical.newton import Clouds, Displacement
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.on_grid import as_external, check_ring, is_periodic, with_seam
from jaxwigner.potentials.pairs.on_particles import MeshSum, PairSum, off_mesh, pair_sum


class PairClouds(Clouds):
    """A system of particles with a pair potential V and an external U; how their forces are summed."""

    pair: Potential
    external: Potential
    mass: Scalar
    mesh: Grid | None
    chunk: int = eqx.field(static=True)

    def __init__(self, pair: Any, external: Any, mass: Scalar, mesh: Grid | None, chunk: int):
        check_positive_scalar("mass", mass)
        require(mesh is None or isinstance(mesh, Grid), "mesh", "be a Grid or None", mesh)
        self.pair = as_potential(pair)
        self.external = as_external(external)
        check_integer("chunk", chunk, at_least=1)
        self.mass, self.mesh, self.chunk = mass, mesh, chunk
        if mesh is not None:
            check_ring(self.pair, mesh, "pair")

    @property
    def _forces(self) -> PairSum | MeshSum:
        return pair_sum(self.pair, self.mesh, self.chunk)

    def drift_flow(self, tau: Scalar) -> Displacement:
        return Displacement(tau / self.mass)

    def _off(self, positions: Array) -> Array | None:
        """Which positions a mesh with edges does not reach."""
        if self.mesh is None or is_periodic(self.pair, self.mesh):
            return None
        return off_mesh(positions, self.mesh)

    def _with_seam(self, series: dict[str, Array]) -> dict[str, Array]:
        """The diagnostics, with what the seam of a periodic mesh adds."""
        return series if self.mesh is None else with_seam(series, self.mesh, self.pair)
