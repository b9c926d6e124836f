"""Certificates, and spaces that are too small."""

import jax.numpy as jnp
import numpy as np
import pytest
from bosons import TIME, quick, run, scaled

import jaxwigner as jw


@pytest.mark.slow
def test_certificates():
    """The bracket holds Bogoliubov's value; a space that is too small says what it needs."""
    bosons, phi = scaled(0.3, jnp.inf, points=80)
    known = quick(lambda u: bosons.certify(u, duration=TIME, steps=40, throw=False))(phi)
    known.check(0.02)
    assert known.distance.contains(2.117119) and not known.distance.rigorous
    assert known.excitations.contains(0.812766)
    with pytest.raises(ValueError, match="known to .*, asked for 1.0e-06; the largest error"):
        known.check(1e-6)
    done = known.run
    with pytest.raises(ValueError, match="raise its `cutoff` from 9 to about"):
        done.check(1e-6)
    assert 10 < done.needed_cutoff(1e-6) < 20
    suited = jw.FockSpace.suited(done.occupations, 1e-3)
    assert suited.modes >= 4 and 50 < suited.dimension < 500


def test_too_many_excitations():
    V, space = jw.potentials.Gaussian(3.0, 1.0), jw.FockSpace((1.0, 2.0), 4)
    bosons, phi = scaled(0.1, np.inf, points=128, reach=20.0, pair=V, space=space)
    with pytest.raises(ValueError, match="too many excitations for this method"):
        run(bosons, phi, steps=100).check()
