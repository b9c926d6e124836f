"""From N bodies to one: Golse–Paul Theorem 2.6, its consistency term, the couplings of §5, and what the sum over pairs must be.

    Theorem 2.6   (1/n)E_ħ(f(t)^{⊗n}, R_N^n(t))² ≤ e^{Γt}(1/N)E_ħ(f^{⊗N}, R_N)² + ((2‖∇V‖∞)²/(N−1))(e^{Γt} − 1)/Γ
                  Γ = 2 + max(4L², 1)                                               Vlasov against N-body Schrödinger
    consistency   K_N(ρ) = ∫|(1/N)Σ_{j≥2}∇V(x_1 − x_j) − ∇V⋆ρ(x_1)|²ρ^{⊗N}
                         = N^{−2}∫ρ[(N−1)G − (N−2)|F|²],  G = |∇V|²⋆ρ, F = ∇V⋆ρ     (exact, beyond the paper)
                         ≤ ((N−1)/N²)‖∇V‖²,  and the paper's 8‖∇V‖²/(N−1)
    sharper       √(E_n²/n)(t) ≤ e^{gt}√(E_N²(0)/N) + ∫_0^t e^{g(t−s)}√(K_N(s)/2)ds,  g = ½(1 + L)    (beyond the paper)

The energy of the pairs is (1/N)Σ_{j<k}V; with the printed double sum the limit is not the Hartree equation (a control).
"""

from __future__ import annotations

import itertools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Complex, Float

from jaxwigner._checks import check_choice, check_integer
from jaxwigner.brackets import Bracket
from jaxwigner.classical import ManyBodyNewton, VlasovParticles
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality, rate
from jaxwigner.phase_space import toeplitz_state
from jaxwigner.potentials import as_potential
from jaxwigner.potentials.pairs.on_grids import PairSum
from jaxwigner.quantum import ManyBody, quadratic_marginal
from jaxwigner.states import Gaussian, MixedState, Particles
from jaxwigner.theorems.gp.stability import bound, lipschitz
from jaxwigner.transport import gaussian_cost, monge_kantorovich, packet_cost

FORMS = ("paper", "sharp")  # of the bound on K_N
GROUPINGS = ("paper", "grouped", "sharp")  # of Theorem 2.6
QUADRATURE = 65  # points of the integral over time, by Simpson's rule


def mean_field_rate(L: Scalar) -> Scalar:
    """Γ = 2 + max(4L², 1) of Theorem 2.6.

    >>> from jaxwigner.theorems.gp.mean_field import mean_field_rate
    >>> float(mean_field_rate(1.0))
    6.0
    """
    return 2 + jnp.maximum(4 * L**2, 1.0)


def consistency(cloud: Particles, pair: Any, number: Scalar) -> Float[Array, ""]:
    """K_N of a cloud: the mean square distance between the force of N − 1 others and the mean force, exactly."""
    pair, x, w = as_potential(pair), cloud.positions, cloud.weights
    F = PairSum(pair).slope(x, w)
    G = PairSum(_SquaredGradient(pair)).potential(x, w)
    return w @ ((number - 1) * G - (number - 2) * jnp.sum(F**2, axis=1)) / number**2


class _SquaredGradient(eqx.Module):
    pair: Any

    def __call__(self, *x):
        return sum(slope**2 for slope in self.pair.gradient(*x))


def sampled_consistency(
    cloud: Particles, pair: Any, number: int, samples: int, key: Array
) -> Inequality:
    """K_N against its definition, by `samples` draws of N positions; the error is four standard deviations."""
    check_integer("number", number, at_least=2)
    pair = as_potential(pair)
    chosen = jax.random.choice(key, cloud.weights.shape[0], (samples, number), p=cloud.weights)
    mean_force = PairSum(pair).slope(cloud.positions, cloud.weights)

    def square(index):
        x = cloud.positions[index]
        gaps = tuple((x[:1] - x[1:]).T)
        force = jnp.stack([jnp.sum(slope) for slope in pair.gradient(*gaps)]) / number
        return jnp.sum((force - mean_force[index[0]]) ** 2)

    squares = lax.map(square, chosen, batch_size=1024)
    error = 4 * jnp.std(squares) / np.sqrt(samples)
    return Inequality(
        "beyond GP §5.4",
        "K_N = N^{−2}∫ρ[(N−1)G − (N−2)|F|²]",
        Bracket.estimated(jnp.mean(squares), error),
        consistency(cloud, pair, number),
        kind="identity",
        width=2.5 * error,
        parameters={"N": number},
    )


def consistency_bound(cloud: Particles, pair: Any, number: Scalar, *, form: str = "paper"):
    """K_N ≤ 8‖∇V‖∞²/(N−1) ("paper") or ((N−1)/N²)‖∇V‖∞² ("sharp", beyond the paper)."""
    check_choice("form", form, FORMS)
    pair = as_potential(pair)
    size = pair.gradient_bound**2
    right = 8 * size / (number - 1) if form == "paper" else (number - 1) / number**2 * size
    return Inequality(
        "GP §5.4" if form == "paper" else "beyond GP §5.4",
        "K_N ≤ " + ("8‖∇V‖²/(N−1)" if form == "paper" else "((N−1)/N²)‖∇V‖²"),
        consistency(cloud, pair, number),
        right,
        parameters={"N": number},
    )


def gaussian_mean_field(
    p: Gaussian,
    R: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    number: Scalar,
    *,
    n: int = 1,
    form: str = "paper",
) -> Inequality:
    """Theorem 2.6 for Gaussian product data and V = ½κ|x|², with ½K_N in place of its bound, since ∇V is not bounded.

    `form`: "paper" keeps the rate Γ, "grouped" has Γ′ = 1 + max(2, 4L²) ≤ Γ, "sharp" is the form with square roots (both beyond the
    paper). Exact up to Simpson's rule in time.
    """
    check_choice("form", form, GROUPINGS)
    L, d = jnp.abs(stiffness), p.dimension
    vlasov = quadratic_marginal(p, stiffness, jnp.inf, time, n=n)
    bodies = quadratic_marginal(R, stiffness, number, time, n=n)
    left = gaussian_cost(vlasov, bodies, hbar) * (1 / n)
    start = gaussian_cost(p, R, hbar)
    s = jnp.linspace(0.0, 1.0, QUADRATURE) * time
    spread = jax.vmap(
        lambda u: jnp.trace(quadratic_marginal(p, stiffness, jnp.inf, u).covariance[:d, :d])
    )(s)
    K = stiffness**2 * spread / number
    if form != "sharp":
        gamma = mean_field_rate(L) if form == "paper" else 1 + jnp.maximum(2.0, 4 * L**2)
        right = start * jnp.exp(gamma * time) + _simpson(jnp.exp(gamma * (time - s)) * K / 2, time)
    else:
        g = 0.5 * (1 + L)
        root = start.sqrt() * jnp.exp(g * time)
        right = root + _simpson(jnp.exp(g * (time - s)) * jnp.sqrt(K / 2), time)
        right = right * right
    return Inequality(
        "GP Theorem 2.6" if form == "paper" else "beyond GP Theorem 2.6",
        "(1/n)E_ħ(f^{⊗n}, R_N^n)² ≤ e^{Γt}(1/N)E_ħ(0)² + ½∫e^{Γ(t−s)}K_N ds, Gaussians"
        if form != "sharp"
        else "(E_n²/n)^{½} ≤ e^{gt}(E_N²(0)/N)^{½} + ∫e^{g(t−s)}(K_N/2)^{½}ds, squared, Gaussians",
        left,
        right.widen(ROUNDING).widen(1e-7 * right.upper, rigorous=False),
        parameters={"hbar": hbar, "kappa": stiffness, "N": number, "t": time, "n": n},
    )


def gaussian_distance(
    p: Gaussian, R: Gaussian, stiffness: Scalar, hbar: Scalar, time: Scalar, number: Scalar
) -> Inequality:
    """dist(f(t), W̃[R¹_N(t)])² ≤ the bound of Theorem 2.6 + ½dħ (its second statement), Gaussians and V = ½κ|x|²."""
    one = gaussian_mean_field(p, R, stiffness, hbar, time, number)
    vlasov = quadratic_marginal(p, stiffness, jnp.inf, time)
    bodies = quadratic_marginal(R, stiffness, number, time)
    husimi = Gaussian(bodies.mean, bodies.covariance + 0.5 * hbar * jnp.eye(2 * p.dimension))
    return Inequality(
        "GP Theorem 2.6",
        "dist(f, W̃[R¹_N])² ≤ e^{Γt}E_ħ(0)²/N + ½∫e^{Γ(t−s)}K_N ds + ½dħ, Gaussians",
        monge_kantorovich(vlasov, husimi),
        (one.rhs + 0.5 * p.dimension * hbar).widen(ROUNDING),
        width=1e-6,
        parameters=one.parameters,
    )


def _simpson(values: Float[Array, " n"], length: Scalar) -> Float[Array, ""]:
    weights = np.ones(QUADRATURE)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return jnp.sum(weights * values) * length / (3 * (QUADRATURE - 1))


def pair_sum_limit(
    R: Gaussian, stiffness: Scalar, time: Scalar, numbers: Float[Array, " n"], *, printed: bool
) -> Inequality:
    """|S¹_N(t) − S(t)| falls as 1/N for V = ½κ|x|²: S of the Hartree equation, S¹_N of N bodies with (1/N)Σ_{j<k}V.

    `printed`: the double sum of the paper, which doubles κ for the bodies alone (a control).
    """
    hartree = quadratic_marginal(R, stiffness, jnp.inf, time).covariance
    doubled = 2 * stiffness if printed else stiffness
    numbers = jnp.asarray(numbers, float)
    gaps = jax.vmap(
        lambda N: jnp.linalg.norm(quadratic_marginal(R, doubled, N, time).covariance - hartree)
    )(numbers)
    return rate(
        "GP (10), corrected" if not printed else "GP (10), as printed",
        "|S¹_N(t) − S(t)| = O(1/N)",
        1 / numbers,
        gaps,
        (0.95, 1.05),
    )


class BodyCoupling(eqx.Module):
    """𝓓_{ħ,N}(t) from all bodies and from the first alone, and how far the coupling is from symmetric."""

    whole: Float[Array, ""]
    first: Float[Array, ""]
    asymmetry: Float[Array, ""]


def body_coupling(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    classical: str = "vlasov",
) -> BodyCoupling:
    """The coupling Q = Σ w_iw_j|z_iz_j⟩⟨z_iz_j| of f^{⊗2} and R_f^{⊗2}, carried: (15) of Golse–Paul, N = 2, d = 1.

    `classical`: "vlasov" (every point in the mean field, Theorem 2.6) or "nbody" (pairs of points, Theorem 2.7).
    """
    check_choice("classical", classical, ("vlasov", "nbody"))
    pair, K = as_potential(pair), cloud.weights.shape[0]
    one = toeplitz_state(cloud, grid, hbar).orbitals
    orbitals = jnp.einsum("ix,jy->ijxy", one, one).reshape(K * K, *grid.shape * 2)
    weights = jnp.outer(cloud.weights, cloud.weights).reshape(-1)
    options = {"duration": duration, "steps": steps, "throw": False}
    system = ManyBody(grid, pair, hbar, 2, symmetric=False)
    R = evolve(system, MixedState(weights, orbitals), **options).state
    Z = _configurations(cloud, pair, classical, weights, options)
    both = Grid(grid.lower * 2, grid.upper * 2, grid.points * 2)
    cost = packet_cost(Z, R, both, hbar).cost
    alone = _first_body_cost(Z, R, both, hbar)
    square = R.orbitals.reshape(K, K, *both.shape)
    asymmetry = jnp.max(jnp.abs(square - square.transpose(1, 0, 3, 2)))
    return BodyCoupling(0.5 * cost, alone, asymmetry * grid.cell)


def _configurations(cloud, pair, classical, weights, options) -> Particles:
    """All pairs of points, moved."""
    K = cloud.weights.shape[0]
    i, j = (index.reshape(-1) for index in np.indices((K, K)))
    if classical == "vlasov":
        cloud = evolve(VlasovParticles(pair), cloud, **options).state
    pairs = lambda a: jnp.concatenate([a[i], a[j]], axis=1)  # noqa: E731
    Z = Particles(weights, pairs(cloud.positions), pairs(cloud.momenta))
    if classical == "nbody":
        Z = evolve(ManyBodyNewton(pair, 2), Z, **options).state
    return Z


def _first_body_cost(Z: Particles, R: MixedState, grid: Grid, hbar: Scalar) -> Float[Array, ""]:
    """Σ w tr(c_{ħ,1}Q): the marginal n = 1 of Lemma 5.4."""

    def of_one(x, xi, psi):
        rho = jnp.sum(jnp.abs(psi) ** 2, axis=1) * grid.cell
        power = jnp.sum(jnp.abs(jnp.fft.fft(psi, axis=0)) ** 2, axis=1)
        power = power * (grid.cell / psi.shape[0])
        here = jnp.sum((grid.axes[0] - x[0]) ** 2 * rho)
        return 0.5 * (here + jnp.sum((hbar * grid.wavenumbers[0] - xi[0]) ** 2 * power))

    return R.weights @ jax.vmap(of_one)(Z.positions, Z.momenta, R.orbitals)


def body_bound(
    run: BodyCoupling,
    coarse: BodyCoupling,
    pair: Any,
    hbar: Scalar,
    time: Scalar,
    *,
    theorem: str,
    constant: str = "paper",
) -> Inequality:
    """Theorem 2.6 or 2.7 with N = 2, d = 1 and Töplitz product data: ½ħ ≤ E_ħ²/n ≤ 𝓓(t) ≤ the bound.

    `coarse`: the same with half the steps, for the error in time.
    """
    check_choice("theorem", theorem, ("2.6", "2.7"))
    pair, floor = as_potential(pair), 0.5 * hbar
    error = jnp.abs(run.whole - coarse.whole)
    if theorem == "2.7":
        right = bound(Bracket.exact(floor), floor, lipschitz(pair), time, constant)
    else:
        gamma = mean_field_rate(lipschitz(pair))
        growth = jnp.expm1(gamma * time) / gamma
        right = floor * jnp.exp(gamma * time) + (2 * pair.gradient_bound) ** 2 * growth
    return Inequality(
        f"GP Theorem {theorem}" if constant == "paper" else f"beyond GP Theorem {theorem}",
        "E_ħ² ≤ 𝓓_{ħ,2}(t) ≤ "
        + ("e^{Γt}½ħ + (2‖∇V‖)²(e^{Γt}−1)/Γ" if theorem == "2.6" else "½ħ·growth, N = 2"),
        Bracket(floor, run.whole + error, rigorous=False),
        right,
        parameters={"hbar": hbar, "t": time, "N": 2},
    )


def one_body_is_enough(run: BodyCoupling) -> Inequality:
    """Lemma 5.4: 𝓓_{ħ,N} is the same from the marginals of every n (here n = 1 and 2)."""
    return Inequality(
        "GP Lemma 5.4",
        "𝓓_{ħ,2} from n = 2 and from n = 1",
        Bracket.estimated(run.whole, 1e-12),
        run.first,
        kind="identity",
        width=1e-10,
    )


def symmetry_is_kept(run: BodyCoupling) -> Inequality:
    """(14) and Lemma 5.1 (b): Q(t, σZ) = U_σQ(t, Z)U_σ* for all times."""
    return Inequality("GP Lemma 5.1 (b)", "|Q(σZ) − U_σQ(Z)U_σ*| = 0", run.asymmetry, 1e-12)


def hierarchy(
    number: int, levels: int, key: Array, *, n: int = 1, coefficient: float = 1.0
) -> Inequality:
    """The BBGKY equation for the n-body marginal, (17) for n = 1 and (18), on a space of `levels` dimensions per body.

    iħ∂_tR^n = [H^n, R^n] + ((N−n)/N)Σ_{j≤n}tr_{n+1}[V_{j,n+1}, R^{n+1}], H^n with (1/N)Σ_{j<k≤n}V. `coefficient` multiplies the last
    term: 2 is what the printed double sum gives (a control).
    """
    check_integer("number", number, at_least=2)
    R, h, V = _random_symmetric(number, levels, key)
    H = _hamiltonian(number, levels, h, V, number)
    exact = _partial_trace(H @ R - R @ H, number, levels, n)
    Rn, Rm = (_partial_trace(R, number, levels, m) for m in (n, n + 1))
    Hn = _hamiltonian(n, levels, h, V, number)
    more = sum(_pair(n + 1, levels, V, j, n) for j in range(n))
    more = more @ Rm - Rm @ more
    share = coefficient * (number - n) / number
    right = Hn @ Rn - Rn @ Hn + share * _partial_trace(more, n + 1, levels, n)
    gap = jnp.max(jnp.abs(exact - right)) / jnp.max(jnp.abs(exact))
    return Inequality(
        f"GP ({17 if n == 1 else 18})",
        "BBGKY: relative residual",
        gap,
        1e-12,
        parameters={"N": number, "n": n},
    )


def _random_symmetric(number: int, levels: int, key: Array):
    """A random density operator that commutes with exchanges, a random h, and an exchange-symmetric V."""
    keys = jax.random.split(key, 3)
    size = levels**number

    def hermitian(key, n):
        a = jax.random.normal(key, (2, n, n))
        a = lax.complex(a[0], a[1])
        return a + a.conj().T

    A = hermitian(keys[0], size)
    R = _symmetrised(A @ A, number, levels)
    h, V = hermitian(keys[1], levels), hermitian(keys[2], levels**2)
    swap = V.reshape((levels,) * 4).transpose(1, 0, 3, 2).reshape(levels**2, levels**2)
    return R / jnp.trace(R), h, V + swap


def _symmetrised(A: Array, number: int, levels: int) -> Array:
    tensor = A.reshape((levels,) * (2 * number))
    total = jnp.zeros_like(tensor)
    for order in itertools.permutations(range(number)):
        total = total + tensor.transpose(*order, *(number + i for i in order))
    return total.reshape(A.shape)


def _hamiltonian(
    bodies: int, levels: int, h: Array, V: Array, number: int
) -> Complex[Array, "s s"]:
    H = sum(_single(bodies, levels, h, j) for j in range(bodies))
    for j in range(bodies):
        for k in range(j + 1, bodies):
            H = H + _pair(bodies, levels, V, j, k) / number
    return H


def _single(bodies: int, levels: int, h: Array, j: int) -> Array:
    return jnp.kron(jnp.kron(jnp.eye(levels**j), h), jnp.eye(levels ** (bodies - 1 - j)))


def _pair(bodies: int, levels: int, V: Array, j: int, k: int) -> Array:
    """V acting on bodies j < k."""
    rest = bodies - 2
    full = jnp.kron(V, jnp.eye(levels**rest)).reshape((levels,) * (2 * bodies))
    order = [j, k] + [i for i in range(bodies) if i not in (j, k)]
    back = np.argsort(order)
    size = levels**bodies
    return full.transpose(*back, *(bodies + i for i in back)).reshape(size, size)


def _partial_trace(A: Array, bodies: int, levels: int, n: int) -> Array:
    kept, gone = levels**n, levels ** (bodies - n)
    return jnp.trace(A.reshape(kept, gone, kept, gone), axis1=1, axis2=3)
