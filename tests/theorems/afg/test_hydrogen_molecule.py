"""AFG's Remark 5 on the published curve of H2: what holds, and what a wrong curve would give."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.molecules import h2
from jaxwigner.theorems import hydrogen_molecule

R, U = h2.published()


def test_the_published_curve_meets_the_hypotheses():
    claims = (
        hydrogen_molecule.two_sources(R, U),
        *hydrogen_molecule.electronic_bounds(R, U),
        hydrogen_molecule.lipschitz(R, U),
        hydrogen_molecule.analytic(R, U),
    )
    assert [claim.verdict for claim in claims] == ["holds"] * 5
    # The divided differences nearly attain the bound.
    assert float(jnp.max(claims[3].ratio)) > 0.95
    assert float(claims[4].lhs.centre) > 0.9


def test_a_wrong_digit_a_shift_and_a_kink_are_seen():
    wrong = U.copy()
    wrong[20] += 1e-9
    assert hydrogen_molecule.two_sources(R, wrong).verdict == "violated"
    below, above = hydrogen_molecule.electronic_bounds(R, U + 0.2)
    assert (below.verdict, above.verdict) == ("holds", "violated")
    assert hydrogen_molecule.electronic_bounds(R, U - 0.5)[0].verdict == "violated"
    assert hydrogen_molecule.lipschitz(R, U, whole=True).verdict == "violated"
    for kink in (1.5, 2.0, 3.0):
        claim = hydrogen_molecule.analytic(R, U + 0.01 * np.abs(R - kink))
        assert claim.verdict == "violated", kink
    # An analytic change is none.
    assert hydrogen_molecule.analytic(R, U + 0.01 * np.cos(R)).verdict == "holds"
    with pytest.raises(ValueError, match="`degrees` must be at most 13"):
        hydrogen_molecule.analytic(R, U, degrees=(4, 8, 20))


def test_dynamics_and_excitation_claims():
    hbars = jnp.array([0.0135, 0.0165, 0.0233])
    good = hydrogen_molecule.classical_dynamics(hbars, 0.3 * hbars**2, 0.1 * hbars**2)
    bad = hydrogen_molecule.classical_dynamics(hbars, 0.3 * hbars, 0.1 * hbars**2)
    unknown = hydrogen_molecule.classical_dynamics(hbars, 0.3 * hbars**2, 2 * hbars**2)
    assert [c.verdict for c in (good, bad, unknown)] == ["holds", "violated", "undecided"]
    crossing = hydrogen_molecule.excitation(jnp.array([-1.0, -0.9]), jnp.array([-0.8, -0.95]))
    assert crossing.verdict == "violated"
