"""Three nuclei at J = 0: closed forms of harmonic forces, published energies, symmetry, what a run says, what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.engine.running import pictures
from jaxwigner.quantum.three_nuclei import coordinates, free_motion, system

SINES = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
COLLISION = jw.ThreeNuclei(hbar=0.2, radii=SINES, angles=12, exchange="even")
START = jw.packet_three(COLLISION, distance=3.0, velocity=-2.0)
NODES = jw.RadialGrid(5.6, 14, "lobatto"), jw.RadialGrid(6.2, 15, "lobatto")

PUBLIC = [
    small.call(
        jw.ThreeNuclei,
        {"masses": "positive"},
        hbar=0.2,
        radii=NODES,
        angles=12,
        charges=1.0,
        masses=1.0,
    ),
    small.call(jw.packet_three, system=COLLISION, distance=3.0, velocity=-2.0),
]


def springs(*distances):
    """½Σ|R_αβ|²."""
    return 0.5 * sum(d**2 for d in distances)


def free(hbar=1.0, **options):
    """Three nuclei on springs alone."""
    return jw.ThreeNuclei(hbar=hbar, charges=0.0, bounded=springs, **options)


def matrix(one):
    """H between amplitudes."""
    size = int(np.prod(one.shape))
    basis = jnp.eye(size).reshape(size, *one.shape)
    return np.asarray(jax.jit(jax.vmap(lambda c: one.hamiltonian(c).real))(basis)).reshape(size, -1)


def levels(one):
    H = matrix(one)
    np.testing.assert_allclose(H, H.T, atol=1e-9)
    return np.linalg.eigvalsh(H)


def test_energy_and_K_of_the_collision():
    """To the digits of an independent program."""
    bounds, energy = COLLISION.bounds(START), COLLISION.diagnose(START)["energy"]
    np.testing.assert_allclose(energy, 3.17031388, atol=6e-9)
    np.testing.assert_allclose(bounds["K"], 10.47670460, atol=1e-8)
    assert float(bounds["singular_square"]) < 0.11 * float(bounds["K"])


@pytest.mark.parametrize(
    "exchange", ["even", *(pytest.param(one, marks=pytest.mark.slow) for one in ("odd", None))]
)
def test_levels_of_springs(exchange):
    """ħ√3(3 + 2n): 1, 3, 6 states of all j, of which 1, 2, 4 are even."""
    kind = "sine" if exchange == "even" else "lobatto"
    few = 10 if exchange == "even" else 13
    radii = jw.RadialGrid(4.6, few + 1, kind), jw.RadialGrid(5.2, few, kind)
    angles = {"even": 4, "odd": 5, None: 7}[exchange]
    found = levels(free(radii=radii, angles=angles, exchange=exchange)) / np.sqrt(3)
    exact = {"even": [3, 5, 5, 7, 7, 7, 7], "odd": [5, 7, 7], None: [3, 5, 5, 5, *6 * [7]]}[
        exchange
    ]
    np.testing.assert_allclose(found[: len(exact)], exact, atol=4e-3)
    np.testing.assert_allclose(found[0], exact[0], atol=1e-4)


@pytest.mark.slow
def test_any_masses():
    """The ground state of springs between different masses: 3/2 ħ for each of both frequencies of the chain in a plane."""
    masses = (1.0, 2.5, 0.7)
    radii = jw.RadialGrid(4.6, 13, "lobatto"), jw.RadialGrid(4.2, 12, "lobatto")
    ground = levels(free(radii=radii, angles=6, masses=masses))[0]
    laplacian = 3 * np.eye(3) - 1
    squares = np.linalg.eigvals(laplacian / np.array(masses)[:, None]).real
    frequencies = np.sqrt(np.sort(squares)[1:])
    np.testing.assert_allclose(ground, 1.5 * frequencies.sum(), rtol=2e-5)


def test_distances_of_points_in_a_plane():
    rng = np.random.default_rng(3)
    places, masses = rng.normal(size=(3, 2)), (1.0, 2.5, 0.7)
    r = places[1] - places[0]
    R = places[2] - (masses[0] * places[0] + masses[1] * places[1]) / (masses[0] + masses[1])
    lengths = np.linalg.norm(R), np.linalg.norm(r)
    cosine = R @ r / np.prod(lengths)
    exact = [np.linalg.norm(places[i] - places[j]) for i, j in coordinates.PAIRS]
    np.testing.assert_allclose(coordinates.distances(cosine, *lengths, masses), exact, rtol=1e-13)


def test_free_motion_is_unitary_and_undone():
    one = jw.ThreeNuclei(hbar=0.3, radii=NODES, angles=6, charges=0.0, masses=(1.0, 1.5, 0.8))
    rng = np.random.default_rng(0)
    c = jnp.asarray(rng.normal(size=one.shape) + 1j * rng.normal(size=one.shape))
    flow = one.drift_flow(0.37)
    np.testing.assert_allclose(flow.times(-1.0)(flow(c)), c, atol=1e-13)
    np.testing.assert_allclose(jnp.linalg.norm(flow(c)), jnp.linalg.norm(c), rtol=1e-13)
    modes = np.asarray(one.modes.legendre)
    np.testing.assert_allclose(modes @ modes.T, np.eye(6), atol=1e-14)


def test_free_motion_backwards():
    """`pull` undoes it, and gives the cotangent of the phases that JAX finds."""
    one = jw.ThreeNuclei(hbar=0.3, radii=NODES, angles=6)
    rng = np.random.default_rng(1)
    u, costate = rng.normal(size=(2, *one.shape)) + 1j * rng.normal(size=(2, *one.shape))
    flow = one.drift_flow(0.37)

    def through(phases, u):
        return free_motion.FreeMotion(phases, modes=one.modes).times(0.7)(u)

    after, back = jax.vjp(through, flow.phases, jnp.asarray(u))
    phases_bar, before_bar = back(jnp.conj(costate))
    pair, bar = flow.pull(0.7, flow.times(0.7).ready(), jnp.stack([after, costate]))
    np.testing.assert_allclose(pair[0], u, atol=1e-12)
    np.testing.assert_allclose(pair[1], jnp.conj(before_bar), atol=1e-12)
    for found, exact in zip(bar.phases, phases_bar):
        np.testing.assert_allclose(found, exact, atol=1e-11)
    assert not any(np.any(leaf) for leaf in jax.tree.leaves(bar.modes))


def test_half_of_the_angles():
    """An even state among all j, and by its half."""
    radii = jw.RadialGrid(5.5, 40, "lobatto"), jw.RadialGrid(6.5, 42, "lobatto")
    both = [
        jw.ThreeNuclei(hbar=0.4, radii=radii, angles=angles, exchange=exchange)
        for angles, exchange in ((16, None), (8, "even"))
    ]
    states = [jw.packet_three(one, 2.5, -1.0, tolerance=1e-4) for one in both]
    np.testing.assert_allclose(jnp.sum(abs(states[1]) ** 2), 1.0, atol=1e-13)
    whole, half = (one.bounds(c) for one, c in zip(both, states))
    for name in whole:
        np.testing.assert_allclose(half[name], whole[name], rtol=1e-10)
    for name in ("cosine_square", "radii", "density"):
        whole, half = (one.observables()[name](c) for one, c in zip(both, states))
        np.testing.assert_allclose(half, whole, atol=1e-10)
    whole, half = (one.close(c, 2.4) for one, c in zip(both, states))
    np.testing.assert_allclose(half, whole, atol=1e-10)


def test_packets_of_normal_modes():
    """Frequencies (ω₁, ω₂) of an equilateral molecule, by the potential that has them: A is the square root of its Hessian."""
    one = jw.ThreeNuclei(hbar=0.1, radii=SINES, angles=12, exchange="even")
    k, d0 = 0.7, 2.0
    packet = jw.quantum.equilateral(one, d0, 0.0, np.sqrt([3 * k, 1.5 * k]))

    def pull(z):
        R, r, turned = z + packet.place * jnp.array([1.0, 1.0, 0.0])
        d = jnp.stack(coordinates.distances(-turned, R, r, one.masses))
        return 0.5 * k * jnp.sum((d - d0) ** 2)

    stiffness = np.asarray(jax.hessian(pull)(jnp.zeros(3)))
    outer, inner = one.reduced_masses
    moment = 1 / (1 / (outer * packet.place[0] ** 2) + 1 / (inner * packet.place[1] ** 2))
    roots = np.sqrt([outer, inner, moment])
    A = np.asarray(packet.matrix) / np.outer(roots, roots)
    np.testing.assert_allclose(A @ A, stiffness / np.outer(roots, roots), atol=1e-12)


def test_unequal_masses_breathe():
    """Sides of the triangle in proportion: U_s = 3/d, and the energy of the motion ½Σm_α|v_α|²."""
    masses = (1.0, 2.0, 1.5)
    one = jw.ThreeNuclei(
        hbar=0.3, radii=(jw.RadialGrid(6.0, 60, "lobatto"),) * 2, angles=20, masses=masses
    )
    packet = jw.quantum.equilateral(one, 2.5, -1.0)
    cosine, R, r = jnp.cos(packet.place[2]), *packet.place[:2]
    sides = jnp.stack(coordinates.distances(cosine, R, r, masses))
    np.testing.assert_allclose(sides, 2.5, rtol=1e-13)
    triangle = np.array([[0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    about = triangle - np.average(triangle, axis=0, weights=masses)
    moving = 0.5 * np.sum(np.array(masses)[:, None] * about**2)
    momenta = packet.momentum[:2] ** 2 / (2 * jnp.stack(one.reduced_masses))
    np.testing.assert_allclose(jnp.sum(momenta), moving, rtol=1e-13)


def test_axes_of_results():
    run = jw.evolve(
        COLLISION,
        START,
        duration=0.02,
        steps=1,
        saves=1,
        observe=["density", "distances", "radii", "singular"],
        method="strang",
        throw=False,
    )
    data = run.to_xarray()
    assert data["state"].dims == ("cosine", "R", "r")
    assert data["density"].dims == ("time", "R", "r")
    assert data["distances"].sel(pair=12).values[0] == pytest.approx(3.0, abs=0.01)
    first, second = run.observed["singular"]
    assert first < second < 1.1  # inwards
    labels = run.plot().axes[0].get_legend().texts
    assert [text.get_text() for text in labels] == ["pair 12", "pair 13", "pair 23"]


def test_picture_of_a_state():
    """In the plane of both radii."""
    shown = pictures.density_of(START, COLLISION.coordinates())
    outer, inner = (np.asarray(line) for line in shown.axes.values())
    np.testing.assert_allclose(shown.values, COLLISION.observables()["density"](START), atol=1e-12)
    assert list(shown.axes) == ["R", "r"]
    assert (outer.size, inner.size) == shown.values.shape


# What is refused


def refused(match, **changes):
    options = {"hbar": 0.2, "radii": SINES, "angles": 12, "exchange": "even"} | changes
    with pytest.raises(ValueError, match=match):
        jw.ThreeNuclei(**options)


def test_systems_that_cannot_be():
    refused("`charges` must be non-negative: nuclei repel .*attractive=True", charges=-1.0)
    assert (
        jw.ThreeNuclei(
            hbar=0.2, radii=SINES, angles=4, exchange="even", charges=-1.0, attractive=True
        ).charges[0]
        == -1.0
    )
    refused("`charges` must be one number or a \\(3, 3\\) matrix", charges=[1.0, 1.0, 1.0])
    lopsided = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
    refused("`charges` must be equal for nuclei 1 and 2 where `exchange`", charges=lopsided)
    refused("`charges` must be symmetric", charges=np.arange(9.0).reshape(3, 3))
    refused("`masses` must be equal for nuclei 1 and 2 where `exchange`", masses=(1.0, 2.0, 1.0))
    refused("`masses` must be one number or three", masses=(1.0, 2.0))
    refused("`bounded` must not change where", bounded=lambda a, b, c: jnp.exp(-a) + b)
    refused("`bounded` must be a function of 3 coordinate", bounded=lambda a: a)
    refused("`radii` must be of kind 'lobatto' in R where odd j take part", exchange=None)
    refused("`radii` must be of kind 'lobatto' in R where odd j take part", exchange="odd")
    refused("`rotation` must be 0: J > 0 are 2J \\+ 1 coupled", rotation=1)
    refused("`exchange` must be one of 'even', 'odd'", exchange="both")
    refused("`radii` must be the RadialGrids of R and of r", radii=(SINES[0],))


def test_grids_that_do_not_fit_into_memory():
    """The sentence names one that does."""
    fine = jw.RadialGrid(5.0, 3000)
    match = (
        r"`radii` must have at most about (\d+) and (\d+) points with (\d+) angles .* but has 3000"
    )
    refused(match, radii=fine, angles=400)
    shape = [int(0.99 * system.MEMORY ** (1 / 3))] * 3
    with pytest.raises(ValueError, match=match.replace("3000", r"\d+")) as caught:
        system._check_memory(tuple(shape))
    words = str(caught.value).split()
    numbers = [int(word) for word in words if word.isdigit()]
    assert system.needed((numbers[2], numbers[0], numbers[1])) <= system.MEMORY


def test_grids_that_do_not_hold_a_packet():
    near = jw.ThreeNuclei(
        hbar=0.2, radii=(SINES[0], jw.RadialGrid(3.2, 36)), angles=12, exchange="even"
    )
    with pytest.raises(ValueError, match="`radii` must have more than .* points in R for a mom"):
        jw.packet_three(COLLISION, 3.0, -40.0)
    with pytest.raises(ValueError, match="`radii` must reach the packet: r is 3 ± 0.4"):
        jw.packet_three(near, 3.0, -2.0)
    with pytest.raises(ValueError, match="`radii` must have more points, or `angles` be more"):
        jw.packet_three(COLLISION, 3.0, -5.5)
    with pytest.raises(
        ValueError, match="`radii` must be longer: .* of the packet reaches the end"
    ):
        jw.packet_three(COLLISION, 4.7, -2.0)
    odd = jw.ThreeNuclei(hbar=0.2, radii=NODES, angles=4, exchange="odd")
    with pytest.raises(ValueError, match="`exchange` must be 'even' .* symmetric, but is 'odd'"):
        jw.packet_three(odd, 3.0, 0.0)
    lopsided = jw.quantum.ThreePacket([2.5, 3.0, 1.4], [0.0, 0.0, 0.0], np.eye(3))
    with pytest.raises(ValueError, match="`packet` must be symmetric under the exchange"):
        lopsided.state(COLLISION)
    with pytest.raises(ValueError, match="`matrix` must be symmetric and positive"):
        jw.quantum.ThreePacket([2.5, 3.0, 1.4], [0.0, 0.0, 0.0], -np.eye(3))
    with pytest.raises(ValueError, match="`place` must be distances > 0 and an angle"):
        jw.quantum.ThreePacket([2.5, 3.0, 3.4], [0.0, 0.0, 0.0], np.eye(3))
    with pytest.raises(ValueError, match="`state` must have shape"):
        jw.evolve(COLLISION, START[:, 1:], duration=1.0, steps=2)
    unknown = jw.ThreeNuclei(
        hbar=0.2, radii=SINES, angles=12, exchange="even", bounded=lambda a, b, c: a + b + c
    )
    with pytest.raises(ValueError, match="`bounded` must be bounded below and know"):
        unknown.bounds(START)
