"""Plans of grids and steps keep the tolerance that they were made for."""

import jax.numpy as jnp
import numpy as np
import pytest
import small
from waves import bad, distance, exactly, packet, split

import jaxwigner as jw
from jaxwigner.quantum.partial_waves import resolve as wave_resolution
from jaxwigner.quantum.partial_waves.exact import diagonalised_evolution
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid
from jaxwigner.quantum.partial_waves.resolve import _Sizes

PLANNED = np.array([0.0, 0.0, 2.0]), np.array([0.0, 0.0, -1.0])


@pytest.mark.slow
def test_plans_keep_their_tolerance():
    plan = jw.resolve_waves(0.5, 0.04, position=2.0, momentum=-1.0, duration=1.2, tolerance=1e-4)
    assert not plan.exact and plan.error < 1e-4
    system = plan.system
    nodes = RadialGrid(system.grid.length, int(1.6 * system.grid.points), "lobatto")
    exact = jw.PartialWaves(nodes, 0.5, 0.04, waves=system.waves)
    final = exactly(exact, packet(exact, 2.0, -1.0), jnp.array([1.2]))[0]
    ours = plan.states([0.0, 1.2])[-1]
    assert distance(nodes.interpolate(final, system.grid.radii), ours, system) < 1e-4
    sizes = _Sizes(
        -0.5, 0.3, jw.potentials.Free(), 0.5, np.eye(3)[2], -np.eye(3)[2], 0.5, 0.3, 1e-2
    )
    assert sizes.needs_exact()  # attraction


@pytest.mark.slow
def test_splitting_at_weak_coupling_takes_the_points_it_needs(monkeypatch):
    """Where the s-wave reaches r = 0 the points follow from its exact evolution, or the plan says that they cannot."""
    start = {"position": 2.0, "momentum": -1.0, "duration": 0.6}
    plan = jw.resolve_waves(0.5, 0.3, **start, tolerance=5e-3, exact=False)
    few = plan.system.on(waves=range(3))
    nodes = RadialGrid(few.grid.length, 60, "lobatto")
    spots = few.grid.interpolate(plan.state[:3], nodes.radii)
    exact = diagonalised_evolution(few.on(grid=nodes), spots, jnp.array([0.6]))[0]
    ours = few.grid.interpolate(split(few, plan.state[:3], 0.6, plan.steps), nodes.radii)
    assert distance(ours, exact, few.on(grid=nodes)) < 5e-3
    usual = _Sizes(0.5, 0.3, few.potential, 0.5, *PLANNED, 0.3**0.5, 0.6, 5e-3).points(False)
    assert plan.system.grid.points > usual
    monkeypatch.setattr(wave_resolution, "FINEST", 1)
    bad(
        "tolerance` must be larger for splitting: 1 times the usual points",
        lambda: jw.resolve_waves(0.5, 0.3, **start, tolerance=5e-3, exact=False),
    )


def test_a_packet_on_the_singular_set_is_evolved_without_steps():
    """Its energies C/|R| ask for more length and points than those of its centre; ‖U_sψ‖² is that of long runs."""
    start = {"position": 0.0, "momentum": 0.0, "alpha": 0.0, "duration": 0.5}
    plan = jw.resolve_waves(1.0, 0.1, **start, tolerance=1e-2)
    assert plan.exact and plan.system.grid.kind == "lobatto"
    found = [
        jw.quantum.radial_observables.coulomb_square(u, plan.system)
        for u in plan.states([0.0, 0.5])
    ]
    np.testing.assert_allclose(found, [2.0, 0.556939], rtol=5e-3)


PUBLIC = [
    small.call(
        jw.resolve_waves,
        charge=0.5,
        hbar=0.5,
        position=2.0,
        momentum=-1.0,
        duration=1.0,
        alpha=0.5,
        mass=0.5,
        tolerance=1e-2,
    )
]
