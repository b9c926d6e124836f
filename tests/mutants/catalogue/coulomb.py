"""Ambrosio, Friesecke and Giannoulis: Coulomb repulsion of two nuclei, and its cut-off."""

from ..mutant import of_file

PASSAGE, NEAR, FORCE = "afg.coulomb.singular_bound", "afg.coulomb.near_collision", "afg.coulomb.force"
CUT, CLASSICAL, IDENTITY = "afg.cutoff.cut_off", "afg.coulomb.classical_limit", "afg.coulomb.identity"
BODIES_NEAR, BODIES_FORCE = "afg.three_nuclei.near_collision", "afg.three_nuclei.force"
MUTANTS = (
    *of_file(
        "theorems/afg/coulomb/seen.py",
        ("M14a", "δ for δ² in (9)", "jnp.where(acts, charges, 1.0)) ** 2, 1.0)", "jnp.where(acts, charges, 1.0)) ** 1, 1.0)", NEAR),
        ("M14b", "δ³/C² in (9)", "jnp.where(acts, charges, 1.0)) ** 2, 1.0)", "jnp.where(acts, charges, 1.0)) ** 2 * deltas, 1.0)", NEAR),
        ("M14c", "δ⁴/C⁴ in (9)", "jnp.where(acts, charges, 1.0)) ** 2, 1.0)", "jnp.where(acts, charges, 1.0)) ** 4, 1.0)", NEAR),
        ("C1", "C^{−1} for C^{−2} in (9)", "jnp.where(acts, (deltas / jnp.where(acts, charges, 1.0)) ** 2, 1.0)", "jnp.where(acts, deltas**2 / jnp.where(acts, charges, 1.0), 1.0)", NEAR),
        ("C2", "0.9 K in Lemma 5.1", "seen.claim(words, seen.singular, seen.constant)", "seen.claim(words, seen.singular, seen.constant * 0.9)", "afg.three_nuclei.singular_bound"),
        ("M13b", "0.55 of the bound (28)", "seen.claim(words, seen.force, seen.whole * seen.pull)", "seen.claim(words, seen.force, seen.whole * seen.pull * 0.55)", FORCE),
        ("C3", "the sign of the term on the singular set", "(gradient + point, law + last)", "(gradient - point, law + last)", IDENTITY),
    ),
    *of_file(
        "theorems/afg/coulomb/bounds.py",
        ("M13", "no √2 of (28) in R⁶, on both sides", "pull = np.sqrt(2.0) / passage.system.charge", "pull = 1.0 / passage.system.charge", FORCE),
        ("C4", "C for 1/C in (28)", "pull, whole = 1.0 / passage.system.charge, K", "pull, whole = passage.system.charge, K", FORCE),
        ("C5", "the energy of the centre of mass left out", "whole = K + centre.energy_square + 2 * centre.energy * passage.start(\"excess\")", "whole = K * 1.0", FORCE),
        ("C6", "h = ħ/√(mCδ) in γ", "jnp.sqrt(2 * system.mass * system.charge * deltas)", "jnp.sqrt(system.mass * system.charge * deltas)", NEAR),
        ("C7", "U_b + κ in the excess", "sum(radial.mean_energies(u, system)) - kappa", "sum(radial.mean_energies(u, system)) + kappa", FORCE),
    ),
    *of_file(
        "theorems/afg/coulomb/sharp_constant.py",
        ("C8", "the sign of the slope beyond δ in γ", "slope = -(zeroth / first) / h", "slope = (zeroth / first) / h", NEAR),
        ("C9", "h² for h⁴ in the mass beyond δ in γ", "tail = h**4 / 8 * 0.5", "tail = h**2 / 8 * 0.5", NEAR),
    ),
    *of_file(
        "quantum/partial_waves/observables.py",
        ("M43", "U_b left out of K", "values = (system.charge / system.grid.radii + system.bounded) - shift", "values = (system.charge / system.grid.radii) - 0.0 * shift", PASSAGE),
        ("C10", "ħ²/2m for ħ²/m in (56)", "factor = 2 * system.inertia * system.charge", "factor = system.inertia * system.charge", IDENTITY),
        ("C11", "4π for 2π in (56)", "        2 * np.pi * factor * density_at_origin(u, system),", "        4 * np.pi * factor * density_at_origin(u, system),", IDENTITY),
        ("C12", "ℓ² for ℓ(ℓ+1) in |∇ψ|²", "(system.degrees * (system.degrees + 1))[:, None]", "(system.degrees * system.degrees)[:, None]", IDENTITY),
        ("C13", "Re for 2Re⟨Tψ, U_sψ⟩", "return 2 * system.charge * _integral(product", "return system.charge * _integral(product", IDENTITY),
    ),
    *of_file(
        "theorems/afg/coulomb/cutoff.py",
        ("M19", "a hundredth of the bound of Q₁", "4 * K / system.charge**2 * delta**2 * constant)", "0.04 * K / system.charge**2 * delta**2 * constant)", CUT),
        ("C14", "δ³ for δ² in the bound of Q₁", "4 * K / system.charge**2 * delta**2 * constant)", "4 * K / system.charge**2 * delta**3 * constant)", CUT),
        ("C15", "a tenth of C₁", "SLOPE = 3.75 ", "SLOPE = 0.375 ", CUT),
        ("C16", "no C₁Ξ/δ in the bound of Q₁", "constant = test.changing + SLOPE / delta * test.moving", "constant = test.changing + 0.0 * delta", CUT),
        ("C17", "the sign of the transport in (45)", "        kernel = -kernel\n", "        kernel = 1.0 * kernel\n", CUT),
        ("C18", "the sign of the force in (45)", "kernel = -1j / system.hbar * change", "kernel = 1j / system.hbar * change", CUT),
        ("C19", "+iτ²y for −iτ²y", "* test.momentum - 1j * test.width**2 * y", "* test.momentum + 1j * test.width**2 * y", CUT),
        ("C20", "P for P/m in the transport", "jnp.sum(slope * speed, axis=1) / test.mass", "jnp.sum(slope * speed, axis=1)", CUT),
        ("C21", "no ∂_tφ", "kernel = test.growth * eta * test.profile(R) + jnp.sum", "kernel = 0.0 * eta * test.profile(R) + jnp.sum", CUT),
        ("C22", "a thousandth of the slopes in the bound of Q₂", "rhs = points.share * (jnp.abs(test.growth) + slopes * moving)", "rhs = 0.001 * points.share * (jnp.abs(test.growth) + slopes * moving)", CUT),
    ),
    *of_file(
        "theorems/afg/coulomb/limit.py",
        ("C23", "1.2 C/(h − κ)", "lhs = jnp.broadcast_to((flow.charge / excess)[None]", "lhs = jnp.broadcast_to((1.2 * flow.charge / excess)[None]", CLASSICAL),
        ("C24", "h − κ for (h − κ)²", "- floor_of(flow.potential)) ** 2 / flow.charge", "- floor_of(flow.potential)) ** 1 / flow.charge", CLASSICAL),
        ("C25", "(h − κ)² for (h − κ)²/C", "- floor_of(flow.potential)) ** 2 / flow.charge", "- floor_of(flow.potential)) ** 2 * flow.charge", CLASSICAL),
        ("C26", "n for n − 1 in the radial Laplacian", "+ (dimension - 1) / r * slope(r)", "+ (dimension - 2) / r * slope(r)", "afg.coulomb.controls"),
        ("C27", "1 for 2 as the mass of the centre", "Free(), hbar, 2.0), phi", "Free(), hbar, 1.0), phi", "afg.coulomb.reduction"),
        ("C28", "the product of all η", "return jnp.prod(eta) if printed else 1 - jnp.prod(1 - eta)", "return jnp.prod(eta)", "afg.coulomb.controls"),
    ),
)
