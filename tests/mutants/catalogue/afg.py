"""Ambrosio, Friesecke and Giannoulis: smooth potentials; what is kept along an evolution, and ∫∫gφ."""

from ..mutant import of_file

DERIVATIVE, TIGHT = "afg.propagation.time_derivative", "afg.propagation.tightness"
DEFECTS, SPLIT = "afg.wigner_equation.defects", "afg.wigner_equation.splitting"
MUTANTS = (
    *of_file(
        "theorems/afg/propagation.py",
        ("M16", "(21) without the force", "(transport + potential.gradient_bound * seen.moment(1))", "(transport + 0.0 * seen.moment(1))", DERIVATIVE),
        ("P1", "half of the force in (21)", "(transport + potential.gradient_bound * seen.moment(1))", "(transport + 0.5 * potential.gradient_bound * seen.moment(1))", DERIVATIVE),
        ("P2", "(21) without the transport", "(transport + potential.gradient_bound * seen.moment(1))", "(0.0 * transport + potential.gradient_bound * seen.moment(1))", DERIVATIVE),
        ("P3", "|q| for √(|q|² + dτ²) in (21)", "jnp.sqrt(jnp.sum(momenta**2) + d * test.width**2)", "jnp.sqrt(jnp.sum(momenta**2))", DERIVATIVE),
        ("M15a", "√(E − inf U) in Lemma 3.3", "jnp.sqrt(2 * _energy_above", "jnp.sqrt(_energy_above", TIGHT),
        ("P4", "the mass outside at the start dropped", "Bracket(start[0] + travelled, start[1] + travelled, False)", "Bracket(travelled, travelled, False)", TIGHT),
        ("P5", "R for R − R₀", "travelled = saved * speed / (radius - inner)", "travelled = saved * speed / (2 * radius)", TIGHT),
        ("M15b", "0.6 for 2 in the momentum tail", "        2 * excess / radius**2,", "        0.6 * excess / radius**2,", TIGHT),
        ("P6", "R³ for R² in the momentum tail", "        2 * excess / radius**2,", "        2 * excess / radius**3,", TIGHT),
        ("P7", "E + inf U", "return energy - (potential.lower_bound if lower is None else lower)", "return energy + (potential.lower_bound if lower is None else lower)", TIGHT),
    ),
    *of_file(
        "theorems/afg/liouville_defect.py",
        ("M17", "Lip/60 for Lip/4", "potential.hessian_bound / 4 *", "potential.hessian_bound / 60 *", DEFECTS),
        ("P8", "Lip/6 for Lip/4", "potential.hessian_bound / 4 *", "potential.hessian_bound / 6 *", DEFECTS),
        ("P9", "ħ² for ħ in C^{1,1}", "scale = hbar * potential.hessian_bound", "scale = hbar**2 * potential.hessian_bound", DEFECTS),
        ("P10", "1/48 for 1/24 in C³", "potential.third_bound / 24 *", "potential.third_bound / 48 *", DEFECTS),
        ("P11", "1/27 for 1/24 in C³", "potential.third_bound / 24 *", "potential.third_bound / 27 *", DEFECTS),
        ("P12", "ħ³ for ħ² in C³", "scale = hbar**2 * potential.third_bound", "scale = hbar**3 * potential.third_bound", DEFECTS),
        ("P13", "|y|² for |y|³ in C³", "seen.moment(3)", "seen.moment(2)", DEFECTS),
        ("P14", "the sign of the tangent in g", "((forward - backward) / seen.hbar - tangent)", "((forward - backward) / seen.hbar + tangent)", DEFECTS),
        ("P15", "T2⁻ with the sign of T2⁺", "-far * backward, -far * tangent", "far * backward, -far * tangent", SPLIT),
        ("P16", "T3 with the other sign", "-far * backward, -far * tangent", "-far * backward, far * tangent", SPLIT),
        ("P17", "no 1/ħ in the bound of T2", "two = size / hbar * seen.moment(0, radius)", "two = size * hbar * seen.moment(0, radius)", SPLIT),
        ("P18", "|y|⁰ for |y| in the bound of T3", "three = slope * seen.moment(1, radius)", "three = 0.1 * slope * seen.moment(0, radius)", SPLIT),
        ("P19", "ħ^{+α} for ħ^{−α}", "jnp.asarray(hbar) ** (-cutoff)", "jnp.asarray(hbar) ** cutoff", SPLIT),
    ),
    *of_file(
        "theorems/afg/classical_limit.py",
        ("P20", "ħ³ for ħ² against the ensemble", "predicted = (order - 0.15, order + 0.15)", "predicted = (1.5 * order - 0.15, 1.5 * order + 0.15)", "afg.classical_limit.observables"),
    ),
)
