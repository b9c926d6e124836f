"""The far parts against a bump: T2 by `split`, its bound by the moment, and how both depend on the cut."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from jaxwigner.theorems.afg.sharp.bump import far_part
from jaxwigner.theorems.afg.sharp.oscillating import BumpTest

PHI = BumpTest(lambda x: jnp.exp(-((x - 0.6) ** 2)), 0.3, 2.0)


@jax.jit
def far(hbar, cutoff):
    half = 6 * jnp.sqrt(hbar)
    grid = jw.Grid(0.7 - half, 0.7 + half, 192)
    psi = jw.coherent_state(grid, 0.7, 0.5, hbar)
    return far_part(psi, jw.potentials.Cosine(1.0), grid, PHI, hbar, cutoff=cutoff)


def test_the_bound_falls_and_holds():
    claims = [far(hbar, 0.75) for hbar in (0.08, 0.02)]
    assert [claim.verdict for claim in claims] == ["holds", "holds"]
    assert claims[1].rhs.lower < 0.4 * claims[0].rhs.lower
    # 1/ħ alone: the far part with a fixed cut grows.
    fixed = [far(hbar, 0.0) for hbar in (0.08, 0.02)]
    np.testing.assert_allclose(fixed[1].rhs.lower / fixed[0].rhs.lower, 4.0, rtol=0.1)
    assert fixed[1].lhs.lower > 2 * fixed[0].lhs.lower
