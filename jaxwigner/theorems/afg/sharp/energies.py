"""What K is made of along a run in R³, and how evenly positions move: AFG (20), (51), (53), (54), (55), (22), (23).

‖(H − κ)Ψ(t)‖² = ‖(T + U_b − κ)Ψ‖² + 2Re⟨TΨ, U_sΨ⟩ + 2⟨(U_b − κ)Ψ, U_sΨ⟩ + ‖U_sΨ‖² = K, every part ≥ 0          (54)
⟨T⟩ ≤ E − κ,     ‖Ψ(t)‖² = 1,     ⟨H⟩(t) = E                                                        (53), (20), (51)
|2⟨U_bΨ, U_sΨ⟩| ≤ 2‖U_b‖_∞⟨U_s⟩                                                                            (55)
|f(t) − f(t′)| ≤ sup|a′| √(2(E − inf U)) |t − t′|,  f(t) = ∫a|ψ(t)|²: the f of all ħ are equicontinuous      (22)
sup_t |f(t) − a(x(t))| → 0 for packets, x(t) the path of the point                                         (23)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Num

from jaxwigner import observables
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality, sup_norm_error
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import PartialWaves, Schrodinger, evolve_exactly
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.theorems.afg.coulomb.bounds import _coarser
from jaxwigner.theorems.errors import observed_twice


def parts_of_the_constant(
    system: PartialWaves, u: Array, *, duration: Scalar, saves: int = 4
) -> dict[str, Inequality]:
    """AFG (20), (51), (53), (54), (55) at all sampled times: `norm`, `energy`, `kinetic`, the four parts of (54) as `whole` and their
    `least`, and `mixed`.

    **Arguments:** `system`: on a "lobatto" grid, its potential with known bounds; errors are twice the distance to three quarters of
    its points, and what the end point r = 0 adds, which the evolution on nodes does not keep.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.energies import parts_of_the_constant
    >>> well = jw.potentials.Gaussian(-0.3, 3.0)
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 0.5, 0.25, waves=24, potential=well)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> found = parts_of_the_constant(system, u, duration=1.0)
    >>> list(found), {claim.verdict for claim in found.values()}
    (['norm', 'energy', 'kinetic', 'whole', 'least', 'mixed'], {'holds'})
    """
    fine, coarse = (_parts(*one, duration, saves) for one in ((system, u), _coarser(system, u)))
    known = {
        name: Bracket.estimated(
            fine[name],
            2 * jnp.abs(fine[name] - coarse[name]) + ROUNDING * fine["constant"] + fine["end"],
        )
        for name in fine
    }
    K, numbers = known["constant"], {"hbar": system.hbar, "charge": system.charge}

    def same(place, law, lhs, rhs, width):
        options = {"kind": "identity", "width": width, "parameters": numbers}
        return Inequality(place, f"{law}, sampled times", lhs, rhs, **options)

    def kept(place, law, value):
        size = value[0]
        return same(place, law, Bracket.estimated(value, 1e-9 * size), size, 1e-6 * size)

    def below(place, law, lhs, rhs):
        return Inequality(place, f"{law}, sampled times", lhs, rhs, parameters=numbers)

    law, mixed = "the sum of the four parts = ‖(H−κ)Ψ₀‖²", (known["mixed"], known["allowed"])
    return {
        "norm": kept("AFG (20)", "‖Ψ(t)‖² = ‖Ψ₀‖²", fine["norm"]),
        "energy": kept("AFG (51)", "⟨H−κ⟩(t) = ⟨H−κ⟩(0)", fine["energy"]),
        "kinetic": below("AFG (53)", "⟨T⟩ ≤ E − κ", known["kinetic"], known["energy"]),
        "whole": same("AFG (54)", law, known["sum"], K, 1e-3 * K.centre),
        "least": below("AFG (54)", "0 ≤ the least part", 0.0, known["least"]),
        "mixed": below("AFG (55)", "|2⟨U_bΨ, U_sΨ⟩| ≤ 2‖U_b‖_∞⟨U_s⟩", *mixed),
    }


def _parts(system: PartialWaves, u: Array, duration: Scalar, saves: int) -> dict[str, Array]:
    kappa, bounds = radial.lower_bound(system), system.potential.bounds
    largest = jnp.maximum(jnp.abs(bounds.lower), jnp.abs(bounds.upper))

    def look(v):
        parts, energies = radial.positive_parts(v, system), radial.mean_energies(v, system)
        each = jnp.stack(list(parts.values()))
        return {
            "norm": jnp.sum(radial.radial_density(v, system) * system.grid.weights),
            "energy": sum(energies) - kappa,
            "kinetic": energies[0],
            "sum": jnp.sum(each),
            "least": jnp.min(each),
            "mixed": jnp.abs(parts["mixed"] + 2 * kappa * energies[1]),
            "allowed": 2 * largest * energies[1],
            "constant": radial.hamiltonian_square(u, system, kappa),
            "end": radial.end_square(v, system),
        }

    states = evolve_exactly(system, u, jnp.linspace(0.0, 1.0, saves + 1) * duration)
    return jax.lax.map(look, states)


def equicontinuity(
    psi: Num[Array, " n"],
    potential: Any,
    grid: Grid,
    profile: Callable,
    hbar: Scalar,
    *,
    slope: Scalar,
    duration: Scalar,
    steps: int,
    saves: int,
) -> tuple[Inequality, Array]:
    """|f(t) − f(t′)| ≤ sup|a′|√(2(E − inf U))|t − t′| between sampled times, f(t) = ∫a|ψ(t)|² (AFG (22), explicit), and f.

    **Arguments:** `profile`: a; `slope`: sup|a′|; `potential`: a `Potential` that knows its `lower_bound`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.energies import equicontinuity
    >>> grid = jw.Grid(-6.0, 6.0, 96)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, 0.3)
    >>> claim, f = equicontinuity(
    ...     psi, jw.potentials.Torsion(0.2), grid, jnp.tanh, 0.3, slope=1.0, duration=1.0, steps=16, saves=8
    ... )
    >>> claim.verdict, f.shape
    ('holds', (9,))
    """
    potential = as_potential(potential)
    values = profile(grid.axes[0])
    mean = lambda u: jnp.sum(values * observables.position_density(u, grid)) * grid.cell  # noqa: E731
    times = {"duration": duration, "steps": steps, "saves": saves}
    f, error, saved = observed_twice(Schrodinger(grid, potential, hbar), psi, mean, **times)
    energy = observables.kinetic_energy(psi, grid, hbar)
    heights = jnp.broadcast_to(potential(*grid.mesh), grid.shape)
    energy = energy + observables.potential_energy(psi, grid, heights) - potential.lower_bound
    span = jnp.diff(saved)
    quotients = jnp.abs(jnp.diff(f)) / span
    errors = (error[1:] + error[:-1] + ROUNDING) / span
    lhs = sup_norm_error(quotients, errors).max()
    law = "|f(t)−f(t′)| ≤ sup|a′|√(2(E−inf U))|t−t′|, f = ∫a|ψ|²"
    bound = slope * jnp.sqrt(2 * energy)
    return Inequality("AFG (22), explicit", law, lhs, bound, parameters={"hbar": hbar}), f


def path(
    particles: Any, system: Any, profile: Callable, *, duration: Scalar, steps: int, saves: int
) -> Array:
    """a(x(t)) of a classical particle on the line at the same times.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.energies import path
    >>> start, newton = jw.Particles([1.0], [0.0], [1.0]), jw.Newton(jw.potentials.Free())
    >>> [float(a) for a in path(start, newton, jnp.sin, duration=0.0, steps=2, saves=1)]
    [0.0, 0.0]
    """
    look = lambda z: profile(z.positions[0, 0])  # noqa: E731
    options = {"duration": duration, "steps": steps, "saves": saves, "gradient": "forward"}
    return evolve(system, particles, observe=look, throw=False, **options).observed
