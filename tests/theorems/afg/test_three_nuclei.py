"""Three nuclei in motion: forces from distances, what is refused, and all claims about one run of three unequal nuclei."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import coulomb_bodies, three_nuclei

CHARGES = np.array([[0.0, 0.5, 0.8], [0.5, 0.0, 0.0], [0.8, 0.0, 0.0]])  # 2 and 3 do not interact
BOUNDS = ("singular_bound", "near_collision", "some_pair", "force_bound")


def test_forces_from_the_sides_are_those_from_the_places():
    R = np.random.default_rng(0).normal(size=(50, 3, 3))
    charges = jnp.array([0.5, 0.8, 0.3])
    sides = coulomb_bodies.pair_distances(R).T
    np.testing.assert_allclose(
        three_nuclei.force_size(sides, charges), coulomb_bodies.force_sizes(R, charges), rtol=1e-9
    )


def system(points=(20, 22), angles=8, **options):
    radii = jw.RadialGrid(5.5, points[0], "lobatto"), jw.RadialGrid(6.5, points[1], "lobatto")
    return jw.ThreeNuclei(hbar=0.3, radii=radii, angles=angles, **options)


def test_what_cannot_be_watched_is_refused():
    one = system()
    packet = jw.quantum.equilateral(one, 3.0, -1.0)
    run = {"duration": 0.5, "steps": 4}
    with pytest.raises(ValueError, match="Argument `system` must be ThreeNuclei"):
        three_nuclei.watch("three", packet, **run)
    with pytest.raises(ValueError, match="Argument `packet` must be a ThreePacket"):
        three_nuclei.watch(one, jnp.zeros(one.shape), **run)
    with pytest.raises(ValueError, match="Argument `radii` must be positive"):
        three_nuclei.watch(one, packet, radii=[1.0, 0.0], **run)
    with pytest.raises(ValueError, match="Argument `charges` must not be negative: Lemma 5"):
        three_nuclei.watch(system(charges=-1.0, attractive=True), packet, **run)
    motion = three_nuclei.Motion(one, jnp.ones(1), jnp.zeros(2), jw.Bracket.exact(1.0), {}, {})
    cloud = jw.Particles(jnp.ones(12) / 12, jnp.ones((12, 9)), jnp.ones((12, 9)))
    with pytest.raises(ValueError, match="Argument `copies` must divide the number"):
        three_nuclei.against_ensemble(motion, cloud, copies=8)


BOUNDS = ("singular_bound", "near_collision", "some_pair", "force_bound")


@pytest.mark.slow
def test_claims_about_three_unequal_nuclei():
    """All angles, a pair without interaction, three masses, a U_b: claims hold, parts of them do not, means follow the ensemble."""
    masses, well = (1.0, 1.3, 0.8), jw.potentials.Gaussian(-0.4, 2.0, (2.0, 2.0, 2.0))
    hbar, place = 0.3, (2.6, -1.2)

    def program(steps):
        one = system((32, 36), 14, charges=CHARGES, masses=masses, bounded=well)
        packet = jw.quantum.equilateral(one, *place)
        times = {"duration": 0.8, "saves": 2}
        motion = three_nuclei.watch(one, packet, steps=steps, radii=[1.3, 2.2], **times)
        claims = {name: getattr(three_nuclei, name)(motion) for name in (*BOUNDS, "cut_off_covers")}
        cloud = jw.cloud_three(hbar, *place, masses=masses, count=2**11)
        found = three_nuclei.against_ensemble(motion, cloud, steps=24)
        return claims, motion.seen, motion.errors, found["singular"]

    claims, seen, errors, means = jax.jit(program, static_argnums=0)(10)
    assert {name: claim.verdict for name, claim in claims.items()} == dict.fromkeys(claims, "holds")
    for name in BOUNDS:
        assert claims[name].with_constant(1e-3).verdict == "violated"
    # The pair without interaction claims nothing.
    assert np.all(np.asarray(claims["near_collision"].lhs.upper)[..., 2] == 0.0)
    assert np.all(np.asarray(errors["singular"]) < 1e-2 * np.asarray(seen["singular"]))
    assert np.all(np.asarray(seen["half"]) <= np.asarray(seen["some"]) + 1e-6)
    moved = abs(float(means.quantum[-1] - means.quantum[0]))
    assert np.all(np.asarray(means.gap) < 0.1 * moved), (means.gap, moved)
