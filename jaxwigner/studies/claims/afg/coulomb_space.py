"""A9, A12, A18 in R³ without symmetry: partial waves against a grid, and a U_b to which partial waves do not apply."""

from __future__ import annotations

from typing import Any

from jaxwigner.potentials import Gaussian
from jaxwigner.quantum import resolve_waves
from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion, centred_box
from jaxwigner.states import wave_packet
from jaxwigner.studies.claims.claim import case, control, more, shared
from jaxwigner.studies.claims.compiling import light_compilation, lightly
from jaxwigner.theorems import coulomb, coulomb_space

CHARGE = 0.5
# An impact parameter of 0.54 and a turning point near 0.6.
START: dict[str, Any] = {"position": (0.0, 0.0, 1.5), "momentum": (0.4, 0.0, -1.0)}


def hill() -> Gaussian:
    """Off the centre, and on one side only."""
    return Gaussian(0.5, 0.6, (0.7, 0.5, 0.4))


@more("A18", order=1, cost=4)
def two_methods(full: bool):
    """Partial waves in (ℓ, m, r) and the grid in R³: the same ⟨|R|⟩, ‖U_sΨ‖² and state."""
    hbar, duration, length, points, steps = (
        (0.05, 0.8, 3.2, 96, 16) if full else (0.1, 0.8, 3.8, 64, 12)
    )
    with light_compilation():
        plan = resolve_waves(CHARGE, hbar, **START, duration=duration, tolerance=1e-5)
    u = lightly(lambda: plan.states([0.0, duration])[-1])()

    @lightly
    def program(length, u):
        system = RelativeMotion(centred_box(length, points), CHARGE, hbar)
        psi = wave_packet(system.grid, START["position"], START["momentum"], hbar)
        numbers = {"duration": duration, "steps": steps}
        return coulomb_space.agreement(system, psi, plan.system, u, **numbers)

    found = program(length, u)
    yield case("grid in R³ and (ℓ, m, r): ⟨|R|⟩", found.distance)
    yield case("grid in R³ and (ℓ, m, r): ‖U_sΨ‖²", found.square)
    yield case("grid in R³ and (ℓ, m, r): Ψ", found.states)
    yield control("the mirror image of Ψ", found.mirrored)


@shared
def beside_a_hill(full: bool):
    """A packet that meets the singularity and a hill beside it."""
    hbar, length, points, steps = (0.05, 3.4, 96, 16) if full else (0.1, 3.8, 64, 8)

    @lightly
    def program(length):
        grid = centred_box(length, points)
        system = RelativeMotion(grid, CHARGE, hbar, potential=hill())
        psi = wave_packet(system.grid, START["position"], START["momentum"], hbar)
        passage = coulomb_space.watch(system, psi, duration=1.0, steps=steps, saves=4)
        bounds = coulomb.singular_bound(passage), coulomb.force_bound(passage)
        return *bounds, *coulomb_space.conservation(passage)

    return program(length)


@more("A9", order=1, cost=3)
def singular_bound(full: bool):
    """Lemma 5.1 for a U_b without symmetry, and the conservation laws it rests on."""
    bound, _, energy, square = beside_a_hill(full)
    yield case("U_b not spherical, grid in R³", bound)
    yield control("U_b not spherical, a fiftieth", bound.with_constant(0.02))
    yield case("U_b not spherical, ⟨H⟩ kept", energy)
    yield case("U_b not spherical, ‖(H−κ)Ψ‖ kept", square)


@more("A12", cost=0.2)
def force(full: bool):
    """(28) for it."""
    yield case("U_b not spherical, grid in R³", beside_a_hill(full)[1])
