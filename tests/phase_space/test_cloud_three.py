"""Clouds of three bodies without rotation: moments of the packet, seeds, errors, and the limit ħ → 0 of a quantum collision."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw

MASSES = np.array([1.0, 1.6, 0.8])
CHARGES = np.ones((3, 3))


def internal(cloud, masses):
    """(R, r, z) and (P_R, P_r, P_z) of every configuration, z = (c₀ − c)/sin γ₀."""
    R, r, c = (np.asarray(part) for part in jw.observables.triangle(cloud, masses))
    Q, P = (np.asarray(x).reshape(-1, 3, 3) for x in (cloud.positions, cloud.momenta))
    pair = masses[:2].sum()
    far, near = P[:, 2], P[:, 1] + masses[1] / pair * P[:, 2]
    along = Q[:, 2] - (masses[0] * Q[:, 0] + masses[1] * Q[:, 1]) / pair
    first = (Q[:, 1] - Q[:, 0]) / r[:, None]
    turn = np.cross(along, far)[:, 2]
    c0 = (0.5 - masses[1] / pair) / np.hypot(0.5 - masses[1] / pair, np.sqrt(0.75))
    s0 = np.sqrt(1 - c0**2)
    P_z = turn * s0 / np.sqrt(1 - c**2)
    return np.stack([R, r, (c0 - c) / s0]), np.stack(
        [np.sum(along * far, 1) / R, np.sum(first * near, 1), P_z]
    )


def test_moments_of_every_copy_are_those_of_the_packet():
    """Means exactly, covariances ħA⁻¹/2 and ħA/2, for unequal masses and a form that mixes all three."""
    hbar, A = 0.01, np.array([[1.0, 0.2, 0.1], [0.2, 0.8, -0.3], [0.1, -0.3, 2.0]])
    cloud = jw.cloud_three(hbar, 2.0, -0.5, masses=MASSES, matrix=A, count=512, copies=2)
    pair = MASSES[:2].sum()
    R0 = 2 * np.hypot(0.5 - MASSES[1] / pair, np.sqrt(0.75))
    heavy, light = MASSES[2] * pair / MASSES.sum(), MASSES[0] * MASSES[1] / pair
    z, P = internal(cloud, MASSES)
    for half in (slice(0, 256), slice(256, 512)):
        np.testing.assert_allclose(z[:, half].mean(1), [R0, 2.0, 0], atol=1e-12)
        np.testing.assert_allclose(
            P[:, half].mean(1), [-0.25 * heavy * R0, -0.5 * light, 0], atol=1e-12
        )
        np.testing.assert_allclose(
            np.cov(z[:, half], ddof=0), 0.5 * hbar * np.linalg.inv(A), atol=1e-13
        )
        np.testing.assert_allclose(np.cov(P[:, half], ddof=0), 0.5 * hbar * A, atol=1e-13)


def test_seeds_give_other_clouds_and_errors_are_what_they_say():
    """Of 12 seeds the mean of ⟨U_s⟩ scatters as the standard errors claim, and no cloud occurs twice."""
    clouds = [jw.cloud_three(0.2, 3.0, count=512, seed=seed) for seed in range(12)]
    again = jw.cloud_three(0.2, 3.0, count=512, seed=3)
    assert np.array_equal(clouds[3].positions, again.positions)
    assert len({float(cloud.positions[0, 0]) for cloud in clouds}) == 12
    found = [jw.observables.triangle_means(cloud)["cos2"] for cloud in clouds]
    scatter = np.std([one.mean for one in found], ddof=1)
    assert 0.5 < scatter / np.sqrt(np.mean([one.error**2 for one in found])) < 2.0


def test_hbar_and_the_distance_may_be_traced():
    def singular(hbar, distance):
        cloud = jw.cloud_three(hbar, distance, -1.0, count=256)
        return jw.observables.triangle_means(cloud, CHARGES)["singular"].mean

    exact = jax.jit(jax.grad(singular, (0, 1)))(0.05, 3.0)
    step = 1e-5
    ends = [[singular(0.05 + a, 3.0 + b) for a, b in ((s, 0), (0, s))] for s in (step, -step)]
    np.testing.assert_allclose(exact, np.subtract(*ends) / (2 * step), rtol=1e-6)


# ħ: duration, ⟨U_s⟩, ⟨r₁₂⟩.
QUANTUM = {
    0.2: (1.8, 2.224267, 1.544385),
    0.1: (2.4, 1.47127936, 2.22551648),
    0.05: (2.4, 1.487322, 2.122747),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "hbars", [(0.2, 0.1), pytest.param((0.05,), marks=pytest.mark.nightly)], ids=str
)
def test_the_quantum_collision_is_approached_at_rate_two(hbars):
    """⟨U_s⟩ and ⟨r₁₂⟩ after a head-on collision: J = 0 packets, by an independent program, and bodies differ by at most 1.35 ħ²."""
    system, how = jw.CoulombBodies(CHARGES), dict(method="strang", gradient="forward", throw=False)
    follow = jax.jit(lambda z, time: jw.evolve(system, z, duration=time, steps=120, **how).state)
    for hbar in hbars:
        time, *values = QUANTUM[hbar]
        count = 2**13 if hbar > 0.05 else 2**15
        end = follow(jw.cloud_three(hbar, 3.0, -2.0, count=count), jnp.asarray(time))
        means = jw.observables.triangle_means(end, CHARGES)
        for name, value in zip(("singular", "r12"), values):
            gap, error = abs(value - float(means[name].mean)), float(means[name].error)
            assert gap < 1.35 * hbar**2 + 3 * error and error < 0.2 * hbar**2, (hbar, name)
            if hbar == 0.2:  # the difference is seen, it is not the noise
                assert gap > 5 * error


@pytest.mark.slow
@pytest.mark.parametrize("masses", [(1.0, 1.0, 1.0), (1.0, 1.6, 0.8)])
def test_mean_energies_differ_by_the_curvature_of_the_kinetic_energy(masses):
    """⟨H⟩ is the mean of h less ¼ħ²⟨1/μ_RR² + 1/μ_rr²⟩: the Weyl symbol of T, with W the Gaussian in cos γ that is sampled."""
    hbar, modes = 0.03, (0.62, 0.49)
    equal = masses[0] == masses[1]
    radii = [jw.RadialGrid(length, 44, "sine" if equal else "lobatto") for length in (3.0, 3.4)]
    how = dict(angles=16 if equal else 26, exchange="even" if equal else None)
    system = jw.ThreeNuclei(hbar=hbar, radii=tuple(radii), masses=masses, **how)
    c = jw.packet_three(system, 1.65, -0.5, frequencies=modes)
    energy = jnp.vdot(c, system.hamiltonian(c)).real
    (_, R, r), (heavy, light) = system.mesh, system.reduced_masses
    curved = float(jnp.sum((1 / (heavy * R**2) + 1 / (light * r**2)) * jnp.abs(c) ** 2))
    cloud = jw.cloud_three(hbar, 1.65, -0.5, masses=masses, frequencies=modes, count=2**15)
    h = jw.CoulombBodies(CHARGES, masses).energies(cloud)
    each = np.mean(np.asarray(h).reshape(8, -1), axis=1)
    error = each.std(ddof=1) / np.sqrt(8)
    assert abs(float(energy) + 0.25 * hbar**2 * curved - each.mean()) < 5 * error + 1e-6
    assert error < 0.1 * hbar**2 * curved / 4  # what they differ by is seen


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(hbar=-0.1), "`hbar` must be positive"),
        (dict(hbar=0.5), "`hbar` must leave R the room"),
        (dict(hbar=0.2), "`hbar` must leave cos γ the room"),
        (dict(count=1000, copies=3), "`count` must be an even multiple"),
        (dict(seed=-1), "`seed` must be"),
        (dict(matrix=np.diag([1.0, -1.0, 1.0])), "`matrix` must be positive definite"),
        (dict(matrix=np.eye(3) + np.eye(3, k=1)), "`matrix` must be symmetric"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(ValueError, match=message):
        jw.cloud_three(**{"hbar": 0.1, "distance": 2.0, **options})


def test_means_refuse_what_is_no_cloud_of_three():
    with pytest.raises(ValueError, match="`cloud` must be Particles"):
        jw.observables.triangle_means(np.ones(9))
    with pytest.raises(ValueError, match="`positions`"):
        jw.observables.triangle(jw.Particles([1.0], [[0.0] * 6], [[0.0] * 6]))
    with pytest.raises(ValueError, match="`copies` must divide"):
        jw.observables.triangle_means(jw.cloud_three(0.1, 3.0, count=256), copies=5)
    uneven = jw.Particles([0.25, 0.75], np.ones((2, 9)), np.ones((2, 9)))
    with pytest.raises(ValueError, match="`cloud` must have equal weights"):
        jw.observables.triangle_means(uneven, copies=2)


PUBLIC = [
    small.call(
        jw.cloud_three,
        hbar=0.1,
        distance=3.0,
        velocity=-1.0,
        frequencies=(1.0, 1.0),
        count=256,
        copies=8,
        seed=1,
    ),
    small.call(
        jw.observables.triangle_means,
        cloud=jw.cloud_three(0.1, 3.0, count=128, copies=2),
        charges=1.0,
        copies=2,
    ),
]
