"""Golse and Paul: from N bodies to one, and the arrows of Diagram 1."""

from ..mutant import of_file

LIMIT, CONSISTENCY, ARROWS = "gp.mean_field.mean_field_limit", "gp.mean_field.consistency_terms", "gp.diagram.diagram"
HIERARCHY = "gp.mean_field.hierarchies"
MUTANTS = (
    *of_file(
        "theorems/gp/rates.py",
        ("M10", "Γ = ½", "return 2 + jnp.maximum(4 * L**2, 1.0)", "return 0.5 + 0.0 * L", LIMIT),
        ("M10b", "Γ = 0", "return 2 + jnp.maximum(4 * L**2, 1.0)", "return 0.0 * L", LIMIT),
        ("N1", "Γ = 1", "return 2 + jnp.maximum(4 * L**2, 1.0)", "return 1.0 + 0.0 * L", LIMIT),
    ),
    *of_file(
        "theorems/gp/gaussians.py",
        ("M11", "K_N = 0", "K = stiffness**2 * spread / number", "K = 0.0 * spread", LIMIT),
        ("N2", "K_N falls as 1/N²", "K = stiffness**2 * spread / number", "K = stiffness**2 * spread / number**2", LIMIT),
        ("M32", "g = 0 in the sharp form of Theorem 2.6", "g = 0.5 * (1 + L)", "g = 0.0 * L", LIMIT),
        ("N3", "g = ½(1 − L)", "g = 0.5 * (1 + L)", "g = 0.5 * (1 - L)", LIMIT),
        ("N4", "the sign of K_N", "jnp.exp(gamma * (time - s)) * K / 2, time)", "-jnp.exp(gamma * (time - s)) * K / 2, time)", LIMIT),
        ("N5", "¼ of √(K_N/2)", "jnp.sqrt(K / 2), time)", "jnp.sqrt(K / 32), time)", LIMIT),
        ("N6", "E_n² not divided by n", "left = left * (1 / n)", "left = left * (1.0 * n)", LIMIT),
        ("N7", "no growth of E_ħ(0)", "root = start.sqrt() * jnp.exp(g * time)", "root = start.sqrt() * 1.0", LIMIT),
        ("N8", "no E_ħ(0) in the paper's form", "right = start * jnp.exp(gamma * time) + _simpson", "right = start * 0.0 + _simpson", LIMIT),
        ("N9", "ħ for ½ħ in the Husimi function", "bodies.covariance + 0.5 * hbar *", "bodies.covariance + hbar *", LIMIT),
        ("N10", "no ½dħ in Theorem 2.6 for Husimi functions", "(one.rhs + 0.5 * p.dimension * hbar)", "(one.rhs + 0.0 * p.dimension * hbar)", LIMIT),
        ("N11", "0.6dħ in Theorem 2.6 for Husimi functions", "(one.rhs + 0.5 * p.dimension * hbar)", "(one.rhs + 0.6 * p.dimension * hbar)", LIMIT),
        ("N12", "the printed double sum", "2 * stiffness if printed else stiffness", "2 * stiffness", "gp.mean_field.sum_over_pairs"),
        ("N13", "1/N² for 1/N", "        1 / numbers,\n", "        1 / numbers**2,\n", "gp.mean_field.sum_over_pairs"),
    ),
    *of_file(
        "theorems/gp/consistency.py",
        ("N14", "N − 1 for N − 2 in K_N", "(number - 2) * jnp.sum(F**2", "(number - 1) * jnp.sum(F**2", CONSISTENCY),
        ("N15", "N for N − 1 in K_N", "((number - 1) * G", "(number * G", CONSISTENCY),
        ("N16", "sign of |F|² in K_N", "* G - (number - 2)", "* G + (number - 2)", CONSISTENCY),
        ("N17", "1/N for 1/N² in K_N", "axis=1)) / number**2", "axis=1)) / number", CONSISTENCY),
        ("N18", "1/(N − 1) in the sampled force", "in pair.gradient(*gaps)]) / number", "in pair.gradient(*gaps)]) / (number - 1)", CONSISTENCY),
        ("M22", "½ for 8 in the bound of K_N", "8 * size / (number - 1)", "0.5 * size / (number - 1)", CONSISTENCY),
        ("N19", "1/(N − 1)² in the bound of K_N", "8 * size / (number - 1)", "8 * size / (number - 1) ** 2", CONSISTENCY),
        ("N20", "(N − 1)/N³ in the sharp bound", "/ number**2 * size", "/ number**3 * size", CONSISTENCY),
        ("N21", "0.9 of the sharp bound", "/ number**2 * size", "/ number**2 * 0.9 * size", CONSISTENCY),
    ),
    *of_file(
        "theorems/gp/mean_field.py",
        ("N22", "𝓓 without its ½", "return BodyCoupling(0.5 * cost, alone", "return BodyCoupling(cost, alone", LIMIT),
        ("N23", "e^{−Γt} for N = 2", "gamma = mean_field_rate(lipschitz(pair))", "gamma = -mean_field_rate(lipschitz(pair))", LIMIT),
        ("N28", "no ‖∇V‖² for N = 2", "+ (2 * pair.gradient_bound) ** 2 * growth", "+ 0.0 * growth", LIMIT),
        ("N29", "no ½ħ for N = 2", "right = floor * jnp.exp(gamma * time) + (2", "right = 0.0 * floor + (2", LIMIT),
        ("N24", "half of the cost of the first body", "return 0.5 * (here + jnp.sum((hbar", "return 0.25 * (here + jnp.sum((hbar", LIMIT),
    ),
    *of_file(
        "theorems/gp/hierarchy.py",
        ("N25", "(N − n)/(N − 1) in BBGKY", "coefficient * (number - n) / number", "coefficient * (number - n) / (number - 1)", HIERARCHY),
        ("N26", "1/(N − 1) in H_N", "_pair(bodies, levels, V, j, k) / number", "_pair(bodies, levels, V, j, k) / (number - 1)", HIERARCHY),
        ("N27", "sign of the commutator", "more = more @ Rm - Rm @ more", "more = Rm @ more - more @ Rm", HIERARCHY),
    ),
    *of_file(
        "theorems/gp/square.py",
        ("D1", "e^{−Λt} on the right arrow", "bounds = floor * jnp.exp(paper_rate(", "bounds = floor * jnp.exp(-paper_rate(", ARROWS),
        ("D2", "ħ² for ħ", "rate(self.claim, statement, self.scales,", "rate(self.claim, statement, self.scales**2,", ARROWS),
        ("D3", "e^{−Λt} on the left arrow", "0.5 * hbars * jnp.exp(paper_rate(", "0.5 * hbars * jnp.exp(-paper_rate(", ARROWS),
        ("D4", "Töplitz data of a width of their own", "p.covariance + 0.5 * hbar * jnp.eye", "p.covariance + 0.5 * jnp.eye", ARROWS),
        ("D5", "K_N falls as 1/N²", "K = stiffness**2 * spread / number\n        excess", "K = stiffness**2 * spread / number**2\n        excess", ARROWS),
    ),
)
