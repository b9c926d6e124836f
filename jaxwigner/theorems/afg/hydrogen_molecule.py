"""H2, for which Ambrosio–Friesecke–Giannoulis Theorem 1.1 justifies classical dynamics globally: Remark 5, on a published curve.

U = U_b + 1/|R₁ − R₂|, M = 2, N = 2, Z₁ = Z₂ = 1. The ground state is nondegenerate, U_b is analytic on Ω = R⁶∖S. As numbers:

    |U_b + 1/R − U_published| ≤ their errors;   E(He) ≤ U_b ≤ −1;   |U_b(R) − U_b(R′)| ≤ Lip(U_b)|R − R′|          hypotheses, (2)
    polynomials of degree n come near the published values like e^{−rn}: analytic; a crossing would leave n^{−1}      Remark 5
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_integer, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.inequality import Inequality, rate, require_double, sup_norm_error
from jaxwigner.molecules import h2

Points = Float[np.ndarray, " n"]


def two_sources(distances: Points, energies: Points) -> Inequality:
    """U_b(R) + 1/R of `molecules.h2` is what another calculation has published, at each distance.

    >>> import jaxwigner as jw
    >>> from jaxwigner.molecules import h2
    >>> jw.theorems.hydrogen_molecule.two_sources(*h2.published()).verdict
    'holds'
    """
    curve = h2.bounded_part()(jnp.asarray(distances)) + 1 / jnp.asarray(distances)
    law = "H2: U_b(R) + 1/R = U(R), Pachucki 2010 and Sims–Hagstrom 2006"
    return Inequality(
        "AFG (2)",
        law,
        Bracket.estimated(curve, h2.ERROR),
        Bracket.estimated(jnp.asarray(energies), 1e-12),
        kind="identity",
        width=1e-10,
    )


def electronic_bounds(distances: Points, energies: Points) -> tuple[Inequality, Inequality]:
    """U_b = E_el of H2 is bounded: E(He) ≤ E_el(R) ≤ −1, the united atom and the separated ones (AFG (2), Theorem 1.1).

    >>> import jaxwigner as jw
    >>> from jaxwigner.molecules import h2
    >>> claims = jw.theorems.hydrogen_molecule.electronic_bounds(*h2.published())
    >>> [claim.verdict for claim in claims]
    ['holds', 'holds']
    """
    known = Bracket.estimated(np.asarray(energies) - 1 / np.asarray(distances), 1e-12)
    lowest = float(h2.bounded_part().lower_bound)
    return (
        Inequality("AFG (2)", "H2: E(He) ≤ E_el(R)", lowest, known),
        Inequality("AFG (2)", "H2: E_el(R) ≤ −1", known, -1.0),
    )


def lipschitz(distances: Points, energies: Points, *, whole: bool = False) -> Inequality:
    """|U_b(R) − U_b(R′)| ≤ Lip(U_b)|R − R′| for neighbours of a table (AFG (2): U_b ∈ W^{1,∞}); `whole`: U in place of U_b.

    U itself is not Lipschitz: with 1/R the claim fails (a negative control).

    >>> import jaxwigner as jw
    >>> from jaxwigner.molecules import h2
    >>> claims = [jw.theorems.hydrogen_molecule.lipschitz(*h2.published(), whole=w) for w in (False, True)]
    >>> [claim.verdict for claim in claims]
    ['holds', 'violated']
    """
    R = np.asarray(distances)
    values = np.asarray(energies) - (0.0 if whole else 1.0) / R
    slopes = np.abs(np.diff(values) / np.diff(R))
    error = 2e-12 / np.diff(R)
    bound = np.asarray(h2.bounded_part().gradient_bound)
    law = f"H2: |{'U' if whole else 'U_b'}(R) − {'U' if whole else 'U_b'}(R′)| ≤ Lip(U_b)|R − R′|"
    return Inequality("AFG (2)", law, Bracket.estimated(slopes, error), bound, width=1e-3)


def analytic(
    distances: Points, energies: Points, degrees: tuple[int, ...] = tuple(range(2, 13))
) -> Inequality:
    """Polynomials of degree n come near U_b like e^{−rn}, r between 0.6 and 3: U_b is analytic, there is no crossing (AFG Remark 5).

    Least squares in the variable (R − 3)/(R + 3) over 0.6 ≤ R ≤ 4, the largest residual.

    **Arguments:** `energies`: U at the distances; those of a curve with a kink are a negative control.

    **Raises:** `ValueError` for too few points for a degree.

    >>> import jaxwigner as jw
    >>> from jaxwigner.molecules import h2
    >>> R, U = h2.published()
    >>> jw.theorems.hydrogen_molecule.analytic(R, U).verdict
    'holds'
    >>> jw.theorems.hydrogen_molecule.analytic(R, U + 0.01 * abs(R - 2.0)).verdict
    'violated'
    """
    require_double()
    R, U = np.asarray(distances, float), np.asarray(energies, float)
    inner = (R >= 0.6) & (R <= 4.0)
    count = int(inner.sum())
    for degree in degrees:
        check_integer("degrees", degree, at_least=1)
        # More, and polynomials on evenly spaced points oscillate between them.
        require(degree**2 <= 5 * count, "degrees", f"be at most {int((5 * count) ** 0.5)}", degree)
    s, values = ((R - 3) / (R + 3))[inner], (U - 1 / R)[inner]
    fits = [np.polynomial.Chebyshev.fit(s, values, degree) for degree in degrees]
    errors = np.array([np.max(np.abs(fit(s) - values)) for fit in fits])
    scales = np.exp(-np.array(degrees, float))
    law = "H2: |U_b − polynomial of degree n| ~ e^{−rn}, r ≥ 0.6"
    return rate("AFG Remark 5", law, scales, errors, (0.6, 3.0))


def classical_dynamics(
    hbars: Float[Array, " n"], gaps: Float[Array, " n"], sampling: Float[Array, " n"]
) -> Inequality:
    """|∫Wφ − ∫φ dW(t)| ≤ ε² at the ε of isotopes: quantum and classical molecular dynamics of H2 agree (AFG Theorem 1.1, Remark 5).

    The theorem gives convergence; the order 2 with the constant 1 is what is measured here (beyond the paper).

    **Arguments:** `gaps`: the differences, with their `sampling` errors; those to a single trajectory are a negative control.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> hbars = jnp.array([0.0135, 0.0233])
    >>> jw.theorems.hydrogen_molecule.classical_dynamics(hbars, 0.2 * hbars**2, 0.05 * hbars**2).verdict
    'holds'
    """
    lhs = sup_norm_error(gaps, sampling)
    law = "H2: |∫Wφ − ∫φ dW(t)| ≤ ε²"
    return Inequality("AFG Remark 5", law, lhs, jnp.asarray(hbars) ** 2, parameters={"hbar": hbars})


def excitation(energies: Float[Array, " n"], excited: Float[Array, " n"]) -> Inequality:
    """The ground state is nondegenerate: E(excited) − E > 0 at each distance (AFG Remark 5).

    **Arguments:** both energies at the same distances, as from `molecules.chem`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> jw.theorems.hydrogen_molecule.excitation(jnp.array([-1.17, -1.14]), jnp.array([-0.78, -0.90])).verdict
    'holds'
    """
    law = "0 < E(b ³Σ_u⁺) − E(X ¹Σ_g⁺)"
    gaps = jnp.asarray(excited) - jnp.asarray(energies)
    return Inequality("AFG Remark 5", law, 0.0, Bracket.estimated(gaps, 1e-7))
