"""Packets against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from exact import fock_orbital, packet

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-5.0, 6.0, 110)
PLANE = jw.Grid((-4.0, -4.5), (4.5, 4.2), (54, 60))
X = np.asarray(GRID.axes[0])


def mass(psi, grid):
    return float(jnp.sum(jnp.abs(psi) ** 2) * grid.cell)


def statistics(psi, grid, hbar):
    """Mean and variance of x and of p (one dimension), by NumPy."""
    psi, x = np.asarray(psi), np.asarray(grid.axes[0])
    rho = np.abs(psi) ** 2 * grid.cell
    p = hbar * 2 * np.pi * np.fft.fftfreq(x.size, grid.spacing[0])
    sigma = np.abs(np.fft.fft(psi)) ** 2 * grid.cell / x.size
    means = rho @ x, sigma @ p
    return *means, rho @ (x - means[0]) ** 2, sigma @ (p - means[1]) ** 2


@pytest.mark.parametrize("squeezing", [1.0, 0.4, 2.3])
def test_packets_in_closed_form(squeezing):
    psi = jw.squeezed_state(GRID, 0.7, -0.9, HBAR, squeezing)
    expected = packet(X, 0.0, 0.7, -0.9, HBAR, squeezing=squeezing)
    np.testing.assert_allclose(psi, expected, atol=1e-14)
    exact = (0.7, -0.9, HBAR * squeezing / 2, HBAR / squeezing / 2)
    np.testing.assert_allclose(statistics(psi, GRID, HBAR), exact, atol=1e-12)
    assert mass(psi, GRID) == pytest.approx(1.0, abs=1e-13)
    if squeezing == 1.0:
        np.testing.assert_array_equal(jw.coherent_state(GRID, 0.7, -0.9, HBAR), psi)


def test_coherent_states_of_a_width_or_of_an_oscillator():
    """σ² = ħ/2mω, σ_x σ_p = ħ/2; one for each axis; traced as well."""
    psi = jw.coherent_state(GRID, 0.7, -0.9, HBAR, width=0.3)
    np.testing.assert_allclose(statistics(psi, GRID, HBAR), (0.7, -0.9, 0.09, 0.25), atol=1e-12)
    both = {"mass": 2.0, "frequency": HBAR / (2 * 2.0 * 0.09)}
    np.testing.assert_allclose(jw.coherent_state(GRID, 0.7, -0.9, HBAR, **both), psi, atol=1e-13)
    plane = jw.coherent_state(PLANE, (0.7, -0.2), (0.3, 0.5), HBAR, mass=(1.0, 2.0), frequency=0.8)
    squeezed = jw.squeezed_state(PLANE, (0.7, -0.2), (0.3, 0.5), HBAR, (1 / 0.8, 1 / 1.6))
    np.testing.assert_allclose(plane, squeezed, atol=1e-14)
    traced = jax.jit(lambda w: jw.coherent_state(GRID, 0.7, -0.9, HBAR, width=w))(0.3)
    np.testing.assert_allclose(traced, psi, atol=1e-13)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mass": 2.0}, "`mass` must be left out without `frequency`"),
        ({"frequency": 2.0}, "`mass` must be given beside `frequency`"),
        ({"width": 0.3, "mass": 2.0, "frequency": 1.0}, "`width` must be left out beside"),
        ({"width": -0.3}, "`width` must be positive"),
        ({"mass": 0.0, "frequency": 1.0}, "`mass` must be positive"),
        ({"width": 1e-3}, "grid"),
    ],
)
def test_coherent_states_that_cannot_be(given, words):
    with pytest.raises(ValueError, match=words):
        jw.coherent_state(GRID, 0.7, -0.9, HBAR, **given)


def test_overlap_of_coherent_states():
    """|⟨z|z'⟩|² = e^{−|z−z'|²/2ħ}."""
    one, other = jw.coherent_state(GRID, 0.7, -0.3, HBAR), jw.coherent_state(GRID, 0.2, 0.1, HBAR)
    overlap = jnp.abs(jnp.vdot(one, other)) ** 2 * GRID.cell**2
    assert overlap == pytest.approx(np.exp(-(0.25 + 0.16) / (2 * HBAR)), abs=1e-13)


def test_two_dimensions_are_products():
    psi = jw.squeezed_state(PLANE, (0.7, -0.2), (0.3, 0.5), HBAR, (1.0, 1.7))
    parts = [
        packet(np.asarray(axis), 0.0, q, p, HBAR, squeezing=s)
        for axis, q, p, s in zip(PLANE.axes, (0.7, -0.2), (0.3, 0.5), (1.0, 1.7))
    ]
    np.testing.assert_allclose(psi, parts[0][:, None] * parts[1][None], atol=1e-14)
    one = jw.squeezed_state(PLANE, 0.4, 0.1, HBAR, 1.3)
    np.testing.assert_array_equal(
        one, jw.squeezed_state(PLANE, (0.4,) * 2, (0.1,) * 2, HBAR, (1.3,) * 2)
    )


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 1.0])
def test_wave_packet_scales(alpha):
    """Var x = ħ^{2α}/2 and Var p = ħ^{2−2α}/2 for the Gaussian profile."""
    grid = jw.Grid(-7.0, 8.0, 300)
    psi = jw.wave_packet(grid, 0.4, 0.8, HBAR, alpha=alpha)
    exact = (0.4, 0.8, HBAR ** (2 * alpha) / 2, HBAR ** (2 - 2 * alpha) / 2)
    np.testing.assert_allclose(statistics(psi, grid, HBAR), exact, atol=1e-10)


def test_wave_packet_phases_and_profiles():
    """At α = ½ it is the coherent state up to the phase e^{ip·q/ħ}; any profile of norm 1 will do."""
    psi = jw.wave_packet(GRID, 0.7, -0.9, HBAR)
    turned = np.exp(1j * 0.7 * -0.9 / HBAR) * jw.coherent_state(GRID, 0.7, -0.9, HBAR)
    np.testing.assert_allclose(psi, turned, atol=1e-13)
    profile = lambda u: np.pi**-0.25 * np.sqrt(2) * u * jnp.exp(-(u**2) / 2)  # noqa: E731
    one = jw.wave_packet(GRID, 0.0, 0.0, HBAR, profile=profile)
    np.testing.assert_allclose(one, fock_orbital(1, X, HBAR), atol=1e-13)
    assert mass(
        jw.wave_packet(PLANE, (0.1, 0.2), (0.0, 1.0), HBAR, alpha=0.4), PLANE
    ) == pytest.approx(1)


@pytest.mark.parametrize("phase, parity", [(0.0, 1), (np.pi, -1)])
def test_cats_have_a_parity(phase, parity):
    """|z⟩ ± |−z⟩ on a grid that x ↦ −x maps onto itself."""
    grid = jw.Grid(-5.0, 5.0 + 10 / 101, 102)
    psi = np.asarray(jw.cat_state(grid, 0.9, 0.6, HBAR, phase=phase))
    assert mass(psi, grid) == pytest.approx(1.0, abs=1e-13)
    np.testing.assert_allclose(
        np.asarray(grid.axes[0])[::-1], -np.asarray(grid.axes[0]), atol=1e-13
    )
    np.testing.assert_allclose(psi[::-1], parity * psi, atol=1e-13)
    parts = [jw.coherent_state(grid, s * 0.9, s * 0.6, HBAR) for s in (1, -1)]
    ratio = psi[60:64] / (parts[0] + parity * parts[1])[60:64]
    np.testing.assert_allclose(ratio, ratio[0].real, atol=1e-12)


def test_everything_traces():
    def total(q, p, hbar, s, alpha, theta, temperature):
        states = (
            jw.squeezed_state(GRID, q, p, hbar, s),
            jw.wave_packet(GRID, q, p, hbar, alpha=alpha),
            jw.cat_state(GRID, q, p, hbar, phase=theta),
        )
        fock = jw.thermal_state(5, hbar, temperature)
        cloud = jw.Particles([0.25, 0.75], [q, 0.1], [p, q])
        parts = [jnp.sum(jnp.sin(GRID.axes[0] * 3) * jnp.real(psi)) for psi in states]
        return sum(parts) + jnp.real(fock.matrix[1, 1]) + jnp.sum(cloud.positions * cloud.momenta)

    arguments = (0.4, 0.3, 0.3, 1.2, 0.4, 0.7, 0.9)
    slopes = jax.jit(jax.grad(total, argnums=range(7)))(*arguments)
    for i, slope in enumerate(slopes):
        ends = [total(*(a + s * 1e-6 * (i == j) for j, a in enumerate(arguments))) for s in (1, -1)]
        assert slope == pytest.approx(float(ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-8)


def test_batches_over_hbar():
    hbars = jnp.array([0.2, 0.3])
    batch = jax.vmap(lambda h: jw.coherent_state(GRID, 0.4, 0.3, h))(hbars)
    for h, psi in zip(hbars, batch):
        np.testing.assert_allclose(psi, jw.coherent_state(GRID, 0.4, 0.3, h), atol=1e-14)


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: jw.squeezed_state(GRID, 0.0, 0.0, HBAR, 2000.0),
            "inside its box .widen it., but holds 2[0-9]",
        ),
        (lambda: jw.squeezed_state(GRID, 0.0, 0.0, HBAR, 1e-4), "below the momentum πħ/Δ"),
        (lambda: jw.squeezed_state(PLANE, 0.0, 0.0, HBAR, (1.0, 999.0)), "inside its box"),
        (lambda: jw.wave_packet(GRID, 0.0, 0.0, 1e-6, alpha=1.0), "below the momentum"),
        (lambda: jw.wave_packet(GRID, 0.0, 0.0, 90.0, alpha=1.0), "inside its box"),
    ],
)
def test_packets_that_do_not_fit_the_grid(call, message):
    with pytest.raises(ValueError, match=f"Argument `grid` must hold 50% of the packet {message}"):
        call()


@pytest.mark.parametrize(
    "make, right, wrong",
    [
        (lambda q: jw.coherent_state(GRID, q, 0.3, HBAR), 0.5, [-99.0, 99.0]),
        (lambda p: jw.coherent_state(GRID, 0.5, p, HBAR), 0.5, [-99.0, 99.0]),
        (lambda h: jw.coherent_state(GRID, 0.5, 0.3, h), 0.3, [-0.3, 0.0, 1e6]),
        (lambda s: jw.squeezed_state(GRID, 0.5, 0.3, HBAR, s), 1.5, [-1.5, 0.0, 2000.0, 1e-4]),
        (lambda s: jw.squeezed_state(PLANE, (0.5, 0.1), 0.3, HBAR, (1.0, s)), 1.5, [-1.5, 999.0]),
        (lambda h: jw.wave_packet(GRID, 0.5, 0.3, h), 0.3, [-0.3, 0.0]),
        (lambda q: jw.wave_packet(GRID, q, 0.3, HBAR), 0.5, [99.0]),
        (lambda a: jw.wave_packet(GRID, 0.5, 0.3, HBAR, alpha=a), 0.4, [-0.4, 99.0]),
        (lambda q: jw.cat_state(GRID, q, 0.3, HBAR), 0.5, [99.0]),
        (lambda h: jw.thermal_state(4, h, 0.5).matrix, 0.3, [-0.3, 0.0]),
        (lambda t: jw.thermal_state(4, HBAR, t).matrix, 0.3, [-0.3, 0.0]),
    ],
)
def test_traced_numbers_that_known_ones_are_refused_for(make, right, wrong):
    """NaN everywhere in the lane, in single precision too, and nothing in the others."""
    with jax.enable_x64(False):
        lanes = np.asarray(jax.jit(jax.vmap(make))(jnp.array([right, *wrong])))
    np.testing.assert_allclose(lanes[0], make(right), atol=1e-5)
    assert np.isnan(lanes[1:]).all()
    for number in wrong:
        with pytest.raises(ValueError, match="must"):
            make(number)


def test_packets_in_single_precision():
    """The phase is the momentum times the distance: its rounding, p|x − q|/ħ times 6e-8, is all that is lost."""
    hbar, p = 0.05, 3.0
    grid = jw.Grid(-5.0, 6.0, 1024)
    exact = jw.coherent_state(grid, 0.7, p, hbar), jw.wave_packet(grid, 0.7, p, hbar, alpha=0.4)
    with jax.enable_x64(False):
        single = (
            jw.coherent_state(grid, 0.7, p, hbar),
            jw.wave_packet(grid, 0.7, p, hbar, alpha=0.4),
        )
    for ours, right in zip(single, exact):
        assert ours.dtype == jnp.complex64
        rounding = np.finfo(np.float32).eps * (4 + p / hbar * 3.0)
        error = np.abs(np.asarray(ours, complex) - right).max()
        assert error < rounding * np.abs(right).max()


PUBLIC = [
    small.call(
        jw.squeezed_state, grid=small.GRID, position=0.3, momentum=0.2, hbar=0.5, squeezing=1.0
    )
]


RING = jw.Grid(-5.0, 6.0, 110, periodic=True)


def images(q, p, squeezing=1.0, turns=3):
    """A packet and its images, by hand, of norm 1."""
    shifts = 11.0 * np.arange(-turns, turns + 1)
    psi = sum(packet(X - n, 0.0, q, p, HBAR, squeezing=squeezing) for n in shifts)
    return psi / np.sqrt(np.sum(np.abs(psi) ** 2) * 0.1)


@pytest.mark.parametrize("squeezing", [1.0, 60.0])
def test_packets_on_a_ring_are_sums_of_images(squeezing):
    """Also of a packet that is wider than the ring, and of a centre that lies one turn further."""
    for q in (5.8, 5.8 - 11.0, 0.7):
        psi = jw.squeezed_state(RING, q, -0.9, HBAR, squeezing)
        np.testing.assert_allclose(psi, images(q, -0.9, squeezing), atol=1e-13)
    assert mass(jw.cat_state(RING, 5.8, 0.4, HBAR), RING) == pytest.approx(1.0, abs=1e-13)


def test_profiles_on_a_ring_are_sums_of_images():
    psi = jw.wave_packet(RING, 5.8, -0.9, HBAR)
    own = jw.wave_packet(RING, 5.8, -0.9, HBAR, profile=lambda u: jnp.exp(-(u**2) / 2))
    np.testing.assert_allclose(psi, np.exp(1j * 5.8 * -0.9 / HBAR) * images(5.8, -0.9), atol=1e-13)
    np.testing.assert_allclose(own, psi, atol=1e-13)
    with pytest.raises(ValueError, match="Argument `profile` must fall off"):
        jw.wave_packet(RING, 5.8, 0.0, HBAR, profile=lambda u: 1 / (1 + u**2))


def test_one_axis_of_a_cylinder_is_wrapped():
    cylinder = jw.Grid((-5.0, -4.5), (6.0, 4.2), (110, 60), periodic=(True, False))
    psi = jw.coherent_state(cylinder, (5.8, -0.2), (-0.9, 0.5), HBAR)
    across = packet(np.asarray(PLANE.axes[1]), 0.0, -0.2, 0.5, HBAR)
    np.testing.assert_allclose(psi, images(5.8, -0.9)[:, None] * across[None], atol=1e-13)
    with pytest.raises(ValueError, match="Argument `position` must lie inside the box"):
        jw.coherent_state(cylinder, (5.8, 4.3), (0.0, 0.0), HBAR)


def test_packets_on_a_ring_have_derivatives():
    def place(q):
        psi = jw.coherent_state(RING, q, 0.3, HBAR)
        return jnp.real(psi[107] * jnp.conj(psi[2]))

    step = 1e-5
    slope = (place(5.8 + step) - place(5.8 - step)) / (2 * step)
    assert jax.jit(jax.grad(place))(5.8) == pytest.approx(float(slope), rel=1e-7)


def test_the_oscillator_lives_on_a_line():
    with pytest.raises(ValueError, match="Argument `grid` must not be a ring"):
        jw.fock_orbitals(RING, 3, HBAR)
