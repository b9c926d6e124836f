"""Ambrosio, Friesecke and Giannoulis: Wigner functions at a fixed time, initial data, surfaces."""

from ..mutant import of_file

SUP, WEAK, MARGINALS = "afg.wigner_measures.sup_norm", "afg.wigner_measures.weak_norm", "afg.wigner_measures.marginals"
LIMITS, START, SURFACE = "afg.limit_measures.masses", "afg.classical_limit.packets_at_start", "afg.molecules.surface"
CURVE, EQUATION = "afg.molecules.curve", "afg.wigner_equation.equation"
MUTANTS = (
    *of_file(
        "theorems/afg/wigner_measures.py",
        ("W1", "(2πħ)^{−d} in Lemma 2.2", "    bound = observables.norm(psi, grid) / (np.pi * hbar) ** grid.dimension\n    error = resolution_error(psi, grid) * bound\n    return _largest(", "    bound = observables.norm(psi, grid) / (2 * np.pi * hbar) ** grid.dimension\n    error = resolution_error(psi, grid) * bound\n    return _largest(", SUP),
        ("W2", "1.1 (πħ)^{−d} in Lemma 2.2", "    bound = observables.norm(psi, grid) / (np.pi * hbar) ** grid.dimension\n    error = resolution_error(psi, grid) * bound\n    return _largest(", "    bound = 1.1 * observables.norm(psi, grid) / (np.pi * hbar) ** grid.dimension\n    error = resolution_error(psi, grid) * bound\n    return _largest(", SUP),
        ("W3", "the sign of the parity", "        parity * bound,\n", "        -parity * bound,\n", SUP),
        ("W4", "(2πħ)^{−d} for a difference", "    bound = bound / (np.pi * hbar) ** grid.dimension", "    bound = bound / (2 * np.pi * hbar) ** grid.dimension", SUP),
        ("W5", "the second term of a difference dropped", " + size(psi_other) * size(chi - chi_other)", "", SUP),
        ("W6", "(πħ)^{−d} for |ψ̂|²", "/ (2 * np.pi * hbar) ** grid.dimension\n    error = resolution_error(psi, grid)\n    statement = \"∫W dx", "/ (np.pi * hbar) ** grid.dimension\n    error = resolution_error(psi, grid)\n    statement = \"∫W dx", MARGINALS),
        ("W7", "0.9 ‖ψ‖² in (18)", "seen.value, seen.norm * seen.moment(0)", "seen.value, 0.9 * seen.norm * seen.moment(0)", WEAK),
    ),
    *of_file(
        "theorems/errors.py",
        ("W8", "½ sup|a| in the moments of φ", "total = test.supremum * (math.sqrt(2.0)", "total = 0.5 * test.supremum * (math.sqrt(2.0)", WEAK),
        ("W9", "1/τ for √2/τ in the moments of φ", "(math.sqrt(2.0) / test.width) ** order", "(1.0 / test.width) ** order", "afg.wigner_equation.defects"),
        ("W10", "(R/τ) for (τR) in the tail of φ", "0.5 * (test.width * beyond) ** 2)", "2.0 * (test.width * beyond) ** 2)", "afg.wigner_equation.splitting"),
    ),
    *of_file(
        "theorems/afg/limit_measures.py",
        ("W11", "ħ/100 for ħ/4 in the positivity", "bound = 0.25 * hbar * mass *", "bound = 0.01 * hbar * mass *", LIMITS),
        ("W12", "the sign of the positivity", "Bracket.estimated(-value, error),\n        bound,", "Bracket.estimated(-value, error),\n        -bound,", LIMITS),
        ("W13", "no ∫a|ψ|² in the projection", "Bracket.estimated(projected + slack, error)", "Bracket.estimated(slack, error)", LIMITS),
        ("W14", "extrapolation the other way", "Bracket.estimated(values[1] + step,", "Bracket.estimated(values[1] - 3 * step,", LIMITS),
    ),
    *of_file(
        "theorems/afg/initial_data.py",
        ("W15", "2v|p|² for 4v|p|²", "+ 4 * v * p2 + 2 * d * v**2)", "+ 2 * v * p2 + 2 * d * v**2)", START),
        ("W16", "dv² for 2dv²", "+ 4 * v * p2 + 2 * d * v**2)", "+ 4 * v * p2 + d * v**2)", START),
        ("W17", "ħ^{2−α} for ħ^{2−2α}", "0.5 * hbar ** (2 - 2 * alpha), momentum**2", "0.5 * hbar ** (2 - alpha), momentum**2", START),
        ("W18", "|p|‖∇φ‖ dropped", " + p * np.sqrt(d / 2) + 0.25", " + 0.25", START),
        ("W19", "½‖Δφ‖ dropped", " + 0.25 * np.sqrt(d**2 + 2 * d) + highest", " + highest", START),
        ("W20", "½|p|² dropped", "bound = 0.5 * p**2 + p *", "bound = p *", START),
        ("W21", "ħ^{α} for ħ^{2α} in Cov_x", "[0.5 * hbar ** (2 * alpha), 0.5", "[0.5 * hbar**alpha, 0.5", START),
        ("W22", "ħ^{2α} for ħ^α in the width", "sigma = hbar**alpha / np.sqrt(2.0)", "sigma = hbar ** (2 * alpha) / np.sqrt(2.0)", START),
    ),
    *of_file(
        "theorems/afg/wigner_equation.py",
        ("W23", "+p·∇W", "right = right - p * _slope(W, grid, axis)", "right = right + p * _slope(W, grid, axis)", EQUATION),
        ("W24", "ħ²Δ for ½ħ²Δ", "ifftn(0.5 * hbar**2 * squares", "ifftn(hbar**2 * squares", EQUATION),
        ("W25", "Re F for 2Re F in ∂W", "left = 2 * jnp.real(bilinear_wigner(first,", "left = jnp.real(bilinear_wigner(first,", EQUATION),
        ("W26", "the sign of 2F(∂ψ, ∂ψ)", "left = left + 2 * wigner(first", "left = left - 2 * wigner(first", EQUATION),
        ("W27", "the sign of f", "    right = force\n", "    right = -force\n", EQUATION),
    ),
    *of_file(
        "theorems/afg/born_oppenheimer.py",
        ("B1", "−1 for −2 below E_el of H2+", "0.0, known + 2.0,", "0.0, known + 1.0,", SURFACE),
        ("B2", "−1 for −½ above E_el of H2+", "known, -0.5,", "known, -1.0,", SURFACE),
        ("B3", "a tenth of Lip(U_b) for H2+", "    bound = jnp.asarray(h2plus.bounded_part().gradient_bound)\n    return Inequality(\"AFG (2)\", \"H2+: |E_el′", "    bound = 0.1 * jnp.asarray(h2plus.bounded_part().gradient_bound)\n    return Inequality(\"AFG (2)\", \"H2+: |E_el′", SURFACE),
        ("B4", "1/R² for 1/R", "left, energies + 1 / distances,", "left, energies + 1 / distances**2,", SURFACE),
        ("B5", "e^{−R/2} for e^{−R} in the gap", "distances * jnp.exp(-distances)", "distances * jnp.exp(-0.5 * distances)", SURFACE),
        ("B6", "|ρ|² for |ρ|", "radius = -jnp.sqrt(one**2 + two**2)", "radius = -(one**2 + two**2)", "afg.molecules.cone"),
        ("B7", "det with a plus", "half, determinant = 0.5 * (a + d), a * d - b * c", "half, determinant = 0.5 * (a + d), a * d + b * c", "afg.molecules.cone"),
    ),
    *of_file(
        "theorems/afg/hydrogen_molecule.py",
        ("B8", "1/R² for 1/R", "(jnp.asarray(distances)) + 1 / jnp.asarray(distances)", "(jnp.asarray(distances)) + 1 / jnp.asarray(distances) ** 2", CURVE),
        ("B9", "−1.5 for −1 above E_el of H2", "known, -1.0),", "known, -1.5),", CURVE),
        ("B10", "a tenth of Lip(U_b) for H2", "bound = jnp.asarray(h2.bounded_part().gradient_bound)", "bound = 0.1 * jnp.asarray(h2.bounded_part().gradient_bound)", CURVE),
        ("B11", "the whole U as analytic", "(U - 1 / R)[inner]", "(U - 1 / R + np.abs(R - 2))[inner]", CURVE),
        ("B12", "ε⁴ for ε²", "jnp.asarray(hbars) ** 2, parameters", "jnp.asarray(hbars) ** 4, parameters", "afg.molecules.classical_dynamics"),
    ),
)
