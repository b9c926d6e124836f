"""Ambrosio, Friesecke and Giannoulis: three nuclei, and two without symmetry."""

from ..mutant import of_file

BOUND, NEAR, FORCE = "afg.three_nuclei.singular_bound", "afg.three_nuclei.near_collision", "afg.three_nuclei.force"
CUT, LIMIT, IDENTITY = "afg.three_nuclei.cut_off", "afg.three_nuclei.classical_limit", "afg.three_nuclei.identity"
REDUCTION, CONTROLS = "afg.three_nuclei.reduction", "afg.three_nuclei.controls"
MUTANTS = (
    *of_file(
        "theorems/afg/coulomb/bodies.py",
        ("X1", "1/m for √2/m in (28), R^3M", "pull = np.sqrt(2) / _smallest(measured.charges)", "pull = 1.0 / _smallest(measured.charges)", FORCE),
        ("X2", "the largest for the smallest C_αβ", "return jnp.min(jnp.where(C != 0, jnp.abs(C), jnp.inf))", "return jnp.max(jnp.abs(C))", FORCE),
        ("X3", "a quarter of |∇U_s|", "pulls = -(C[None] / distances**3)[..., None] * gaps", "pulls = -(0.25 * C[None] / distances**3)[..., None] * gaps", FORCE),
        ("X4", "2v|p|² for 4v|p|² in ⟨h_X²⟩", "+ 4 * v * p2 + 6 * v**2)", "+ 2 * v * p2 + 6 * v**2)", REDUCTION),
        ("X5", "⟨h_X⟩⟨H_rel − κ⟩ once", "square + 2 * energy * (one.excess - energy)", "square + energy * (one.excess - energy)", REDUCTION),
        ("X6", "M for 2M in h_X", "energy = (p2 + 3 * v) / (2 * total)", "energy = (p2 + 3 * v) / total", REDUCTION),
        ("X7", "E − κ without ⟨T⟩", "constant, excess = square + parts, kinetic + singular", "constant, excess = square + parts, singular", BOUND),
        ("X8", "U_b left out of K", "constant = constant + mean((2 * T + 2 * U + above) * above)", "constant = constant + 0.0 * mean(above)", REDUCTION),
    ),
    *of_file(
        "theorems/afg/coulomb/bodies_cutoff.py",
        ("X9", "a thousandth of C₁", "C1 = np.sqrt(2) * nuclei * (nuclei - 1) / 2 * SLOPE", "C1 = 1e-3 * np.sqrt(2) * nuclei * (nuclei - 1) / 2 * SLOPE", CUT),
        ("X10", "a tenth of 4√2/δ²", "rhs = 4 * np.sqrt(2) / delta**2", "rhs = 0.4 * np.sqrt(2) / delta**2", CUT),
        ("X11", "1/δ for 1/δ² off the cut", "rhs = 4 * np.sqrt(2) / delta**2", "rhs = 4 * np.sqrt(2) / delta", CUT),
        ("X12", "the product of all η as the cut-off", "options = {\"printed\": printed, \"acts\": C != 0}", "options = {\"printed\": True, \"acts\": C != 0}", CONTROLS),
        ("X13", "a hundredth of the bound of Q₂", "rhs = jnp.abs(test.growth) * share + slopes * moving", "rhs = 0.01 * jnp.abs(test.growth) * share + 0.01 * slopes * moving", CUT),
    ),
    *of_file(
        "theorems/afg/coulomb/bodies_limit.py",
        ("X14", "1.5 C_αβ/(h − κ)", "(C[None] / excess[:, None])[None]", "(1.5 * C[None] / excess[:, None])[None]", LIMIT),
        ("X15", "h − κ for (h − κ)² in (28)", "(cloud.weights @ excess**2)", "(cloud.weights @ excess**0)", LIMIT),
    ),
    *of_file(
        "theorems/afg/coulomb/space.py",
        ("X16", "no ⟨T⟩ in ⟨H − κ⟩", "kinetic = system.hbar**2 / (2 * system.mass) * jnp.sum(squares * power)", "kinetic = 0.0 * jnp.sum(squares * power)", "afg.coulomb_space.singular_bound"),
    ),
)
