"""Gaussian packets: the width of the well, ψ and cloud of the same moments, derivatives, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

OH = jw.OwnSystem(jw.potentials.Morse(0.1994, 1.189, 1.821), 1728.539)
PLANE = jw.OwnSystem(
    lambda x, y: 0.5 * x**2 + 0.8 * y**2 + 0.3 * x * y + 0.05 * (x**2 * y + y**4), (1.0, 2.0)
)
SIGMA = 0.12655680  # √(1/2μω), references


def moments(psi, grid, hbar):
    """⟨x⟩, ⟨p⟩ and covariances along the axes."""
    rho = np.asarray(jw.observables.position_density(psi, grid)) * grid.cell
    x = [(rho * m).sum() for m in grid.mesh]
    xx = [
        [(rho * (a - m) * (b - n)).sum() for b, n in zip(grid.mesh, x)]
        for a, m in zip(grid.mesh, x)
    ]
    return np.array(x), np.array(xx)


def test_width_is_that_of_the_well():
    dq, dp = jw.Packet(2.2).deviations(OH)
    assert float(dq[0]) == pytest.approx(SIGMA, abs=1e-8)
    assert float(dq[0] * dp[0]) == pytest.approx(0.5, rel=1e-12)
    for hbar in (0.25, 2.0):
        assert float(jw.Packet(2.2).deviations(OH, hbar)[0][0]) == pytest.approx(SIGMA * hbar**0.5)


@pytest.mark.parametrize("start", [0.9, 1.821, 2.2, 5.0, 8.0])
def test_any_start_slides_into_the_well(start):
    assert float(jw.Packet(start).deviations(OH)[0][0]) == pytest.approx(SIGMA, abs=1e-8)


def test_each_side_of_a_barrier_has_its_well():
    """Of different curvature: U = (x² − 1)² + x/5 by Newton's iteration."""
    double = jw.OwnSystem(lambda x: (x**2 - 1) ** 2 + 0.2 * x, 1.0)
    for start, root in ((0.1, 0.97), (-0.05, -1.02)):
        for _ in range(20):
            root = root - (4 * root**3 - 4 * root + 0.2) / (12 * root**2 - 4)
        width = (0.5 / np.sqrt(12 * root**2 - 4)) ** 0.5
        assert float(jw.Packet(start).deviations(double)[0][0]) == pytest.approx(width, rel=1e-9)


@pytest.mark.parametrize("width", [None, (0.4, 0.7)])
def test_wave_and_cloud_in_the_plane(width):
    """The coupled ground state: covariances ½ħA⁻¹ and ½ħA from the Hessian by SciPy; ψ and cloud have them."""
    hbar, grid = 0.4, jw.Grid((-5.0, -4.5), (5.0, 4.5), (48, 54))
    packet = jw.Packet((0.5, -0.3), (0.2, -0.1), width)
    if width is None:
        from scipy.linalg import sqrtm

        roots = np.sqrt(np.diag([1.0, 2.0]))
        back = np.linalg.inv(roots)
        bottom = np.array([[1.0, 0.3], [0.3, 1.6]])  # the minimum is at 0
        A = roots @ np.real(sqrtm(back @ bottom @ back)) @ roots
    else:
        A = np.diag(hbar / (2 * np.square(width)))
    np.testing.assert_allclose(packet.matrix(PLANE, hbar), A, rtol=1e-9, atol=1e-12)
    psi = packet.wave(PLANE, grid, hbar)
    mean, covariance = moments(psi, grid, hbar)
    assert float(jnp.sum(jnp.abs(psi) ** 2) * grid.cell) == pytest.approx(1.0, abs=1e-9)
    np.testing.assert_allclose(mean, [0.5, -0.3], atol=1e-9)
    np.testing.assert_allclose(covariance, 0.5 * hbar * np.linalg.inv(A), atol=1e-8)
    centre, spread = jw.observables.moments(packet.cloud(PLANE, hbar, 2**12))
    np.testing.assert_allclose(centre, [0.5, -0.3, 0.2, -0.1], atol=2e-3)
    np.testing.assert_allclose(spread[:2, :2], 0.5 * hbar * np.linalg.inv(A), atol=3e-3)
    np.testing.assert_allclose(spread[2:, 2:], 0.5 * hbar * A, atol=3e-3)
    power = np.abs(np.fft.fftn(np.asarray(psi))) ** 2
    k = [hbar * np.asarray(a) for a in grid.wavenumber_mesh]
    assert (power * k[0]).sum() / power.sum() == pytest.approx(0.2, abs=1e-9)


def test_clouds_in_nine_dimensions():
    nine = jw.OwnSystem(lambda *x: sum(0.5 * (j + 1) * q**2 for j, q in enumerate(x)), 1.0, 9)
    packet = jw.Packet(np.linspace(-1, 1, 9))
    _, spread = jw.observables.moments(packet.cloud(nine, 0.3, 2**12, seed=3))
    exact = 0.15 * np.sqrt(np.arange(1, 10.0))
    np.testing.assert_allclose(np.diagonal(spread)[9:], exact, rtol=0.03)
    np.testing.assert_allclose(np.diagonal(spread)[:9], 0.15**2 / exact, rtol=0.03)


def test_seeds():
    one, two, again = (jw.Packet(2.2).cloud(OH, number=100, seed=s) for s in (0, 1, 0))
    np.testing.assert_array_equal(one.positions, again.positions)
    assert one.positions.shape == (100, 1) and np.all(one.positions != two.positions)


def test_rim_is_where_the_gaussian_ends():
    q, p = jw.Packet(2.2, 1.0).rim(OH, sigmas=4.0)
    z = ((q[:, 0] - 2.2) / SIGMA) ** 2 + ((p[:, 0] - 1.0) * 2 * SIGMA) ** 2
    np.testing.assert_allclose(z, 16.0, rtol=1e-6)
    q, p = jw.Packet((0.5, -0.3)).rim(PLANE, 0.4)
    assert q.shape == p.shape and q.shape[1] == 2


def test_derivatives_and_batches():
    """σ ∝ D^{−1/4}a^{−1/2}; ħ and positions may be traced, at Python numbers and in batches."""

    def width(depth, steepness):
        system = jw.OwnSystem(jw.potentials.Morse(depth, steepness, 1.821), 1728.539)
        return jw.Packet(2.2).deviations(system)[0][0]

    slopes = jax.jit(jax.grad(width, (0, 1)))(0.1994, 1.189)
    np.testing.assert_allclose(slopes, [-0.25 * SIGMA / 0.1994, -0.5 * SIGMA / 1.189], rtol=1e-6)

    def mean_square(hbar, position):
        cloud = jw.Packet(position).cloud(OH, hbar, 64)
        return cloud.weights @ cloud.positions[:, 0] ** 2

    batch = jax.vmap(mean_square, (0, None))(jnp.array([0.5, 1.0]), 2.2)
    assert float(batch[1]) == pytest.approx(float(mean_square(1.0, 2.2)), rel=1e-12)
    assert float(jax.grad(mean_square, 1)(1.0, 2.2)) == pytest.approx(4.4, rel=1e-2)

    def trace(coupling):
        """The isotropic well is degenerate: its derivative exists."""
        well = jw.OwnSystem(lambda x, y: 0.5 * (x**2 + y**2) + coupling * x * y, (1.0, 1.0))
        return jw.Packet((0.1, 0.2)).matrix(well)[0, 1]

    assert float(jax.grad(trace)(0.0)) == pytest.approx(0.5, rel=1e-6)


def test_where_there_is_no_well_that_is_traced_it_is_nan():
    hill = jax.jit(
        lambda h: jw.Packet(0.0).deviations(jw.OwnSystem(lambda x: -h * x**2, 1.0))[0][0]
    )
    assert np.isnan(hill(1.0)) and not np.isnan(hill(-1.0))


def test_single_precision():
    with jax.enable_x64(False):
        system = jw.OwnSystem(jw.potentials.Morse(0.1994, 1.189, 1.821), 1728.539)
        cloud = jw.Packet(2.2).cloud(system, number=256)
        assert cloud.positions.dtype == jnp.float32
        assert float(jw.Packet(2.2).deviations(system)[0][0]) == pytest.approx(SIGMA, rel=1e-4)


TABLE = jw.potentials.Curve(
    np.linspace(1.2, 4.0, 30), OH.potential(np.linspace(1.2, 4.0, 30)), "refuse"
)
BARRIER = jw.OwnSystem(jw.potentials.Eckart(0.0156, 0.74), 1060.0)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: jw.Packet(0.0).matrix(BARRIER), "`width` must be given: there is no well"),
        (lambda: jw.Packet(-1.0).matrix(BARRIER), "`width` must be given: there is no well"),
        (lambda: jw.Packet(2.2, width=0.0), "`width` must be positive"),
        (lambda: jw.Packet(2.2, width=(0.1, 0.2)), "`width` must"),
        (lambda: jw.Packet(np.nan), "`position` must be finite"),
        (lambda: jw.Packet("2.2 fs"), "`position` must be a length"),
        (lambda: jw.Packet((1.0, 2.0), 1j), "`momentum` must be real"),
        (lambda: jw.Packet((1.0, 2.0)).centre(OH), "`position` must have 1 coordinates"),
        (lambda: jw.Packet(5.0).centre(jw.OwnSystem(TABLE, 1.0)), "`position` must lie where"),
        (lambda: jw.Packet(2.2).cloud(OH, -1.0), "`hbar` must be positive"),
        (lambda: jw.Packet(2.2).cloud(OH, 1.0, 0), "`number` must be an integer"),
        (
            lambda: jw.Packet(2.2).wave(OH, jw.Grid((0.0, 0.0), (4.0, 4.0), (8, 8))),
            "`grid` must have",
        ),
        (lambda: jw.Packet(2.2).wave(OH, jw.Grid(3.0, 4.0, 64)), "`position` must lie inside"),
        (lambda: jw.OwnSystem(np.cos, 1.0), "`potential` must"),
        (lambda: jw.OwnSystem(OH.potential, (1.0, 2.0)), "must be"),
        (lambda: jw.OwnSystem(OH.potential, 0.0), "`mass` must be positive"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=f"Argument .*{words}|^Argument {words}"):
        call()
