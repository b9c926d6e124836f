"""From N bodies to the Hartree equation in MK_ħ, uniformly in ħ: three forms of one bound.

D(t) = (1/n)MK(R(t)^{⊗n}, R_N^n(t))², 1 ≤ n ≤ N, with D₀ = (1/N)MK(R(0)^{⊗N}, R_N(0))² ≥ δ = dħ, g = ½(1+L), L = Lip(∇V):

    roots        √D(t) ≤ e^{gt}√D₀ + ∫₀ᵗe^{g(t−s)}√(½K_N(s))ds
    squares      D(t) ≤ e^{(2+L)t}D₀ + ½∫₀ᵗe^{(2+L)(t−s)}K_N(s)ds                             (as Golse, Mouhot and Paul do it)
    Heisenberg   D(t) ≤ max over A₀+B₀ = 2D₀, A₀B₀ ≥ δ² of ½(a² + v² + δ²/a²),
                 a′ = v,  v′ = La + δ²/a³ + √K_N,  a₀² = A₀,  v₀² = B₀ − δ²/A₀
    Husimi       (1/n)dist(W̃[R]^{⊗n}, W̃[R_N^n])² ≤ the same + δ

K_N(s) is the consistency term of ρ[R(s)] (`theorems.mean_field.consistency`), at most ((N−1)/N²)‖∇V‖². The difference of the forces on
one body is what its N − 1 partners feel beside their mean, a function of independent copies of the Hartree solution alone, and a rest
that is odd under an exchange, for which |Re⟨ΔF·π⟩| ≤ L√(AB − δ²). D does not fall to 0 with 1/N, but to MK(R, R)²(t).
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_choice, check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.quantum import quadratic_marginal
from jaxwigner.states import Gaussian
from jaxwigner.theorems.gp.gaussians import position_spread
from jaxwigner.theorems.mk.costs import pair_costs
from jaxwigner.transport import monge_kantorovich, self_distance

FORMS = ("roots", "squares", "heisenberg")
POINTS = 65  # of the integral over time
STARTS = 33  # values of A₀ between its ends, in the third form


def mean_field_bound(
    start: Bracket,
    consistency: Float[Array, " s"],
    L: Scalar,
    time: Scalar,
    zero_point: Scalar,
    *,
    form: str = "roots",
) -> Bracket:
    """The bound of D(t) at t = `time`, from D(0) and K_N.

    **Arguments:** `start`: D(0) = (1/N)MK(R^{⊗N}, R_N)²; `consistency`: K_N at an odd number of equally spaced times from 0 to t, at
    least 5; `L` = Lip(∇V); `zero_point`: δ = dħ, which only "heisenberg" uses; `form`: one of `FORMS`.

    **Returns:** a `Bracket` with the quadrature's error, estimated by twice the step (and half of the starts).

    **Raises:** `ValueError` for an unknown form or an even number of times.

    >>> import jax.numpy as jnp
    >>> from jaxwigner import Bracket
    >>> from jaxwigner.theorems.mk.mean_field import mean_field_bound
    >>> round(float(mean_field_bound(Bracket.exact(0.1), jnp.zeros(5), 1.0, 0.5, 0.1).centre), 9)  # .1e
    0.271828183
    """
    check_choice("form", form, FORMS)
    K = jnp.asarray(consistency, float)
    odd = K.shape[0] % 4 == 1 and K.shape[0] > 4
    require(odd, "consistency", "have 4k + 1 entries, at least 5", K.shape[0])
    return _bound(start, K, L, time, zero_point, form)


@once
def _bound(start, K, L, time, zero_point, form) -> Bracket:
    by = {"roots": _roots, "squares": _squares, "heisenberg": _heisenberg}[form]
    K = jnp.maximum(K, 0.0)

    def ends(value):
        fine = by(value, K, L, time, zero_point, STARTS)
        return fine, jnp.abs(fine - by(value, K[::2], L, time, zero_point, (STARTS + 1) // 2))

    found, error = jax.vmap(ends)(jnp.stack([start.lower, start.upper]))
    return Bracket(found[0] - error[0], found[1] + error[1], rigorous=False)


def _roots(start, K, L, time, zero_point, starts) -> Array:
    g = 0.5 * (1 + L)
    forced = _weighted(lambda left: jnp.exp(g * left), jnp.sqrt(0.5 * K), time)
    return (jnp.exp(g * time) * jnp.sqrt(start) + forced) ** 2


def _squares(start, K, L, time, zero_point, starts) -> Array:
    rate = 2 + L
    return jnp.exp(rate * time) * start + 0.5 * _weighted(
        lambda left: jnp.exp(rate * left), K, time
    )


def _weighted(kernel: Callable[[Array], Array], values: Array, time: Scalar) -> Array:
    """∫kernel(t − s)values(s)ds by Simpson's rule."""
    n = values.shape[0]
    weights = np.ones(n)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    left = time * jnp.linspace(1.0, 0.0, n)
    return jnp.sum(weights * kernel(left) * values) * time / (3 * (n - 1))


def _heisenberg(start, K, L, time, zero_point, starts) -> Array:
    """By the method of Runge and Kutta over every second time, for A₀ at Chebyshev's points of its interval."""
    width = jnp.sqrt(jnp.maximum(start**2 - zero_point**2, 0.0))
    A = start + width * np.cos(np.pi * np.arange(starts) / (starts - 1))
    speed = jnp.sqrt(jnp.maximum(2 * start - A - zero_point**2 / A, 0.0))
    forces = jnp.sqrt(K)
    step = 2 * time / (K.shape[0] - 1)

    def slope(y, force):
        a, v = y
        return jnp.stack([v, L * a + zero_point**2 / a**3 + force])

    def moved(y, three):
        one = slope(y, three[0])
        two = slope(y + 0.5 * step * one, three[1])
        third = slope(y + 0.5 * step * two, three[1])
        last = slope(y + step * third, three[2])
        return y + step / 6 * (one + 2 * two + 2 * third + last), None

    triples = jnp.stack([forces[:-2:2], forces[1:-1:2], forces[2::2]], axis=1)
    (a, v), _ = lax.scan(moved, jnp.stack([jnp.sqrt(A), speed]), triples)
    return jnp.max(0.5 * (a**2 + v**2 + zero_point**2 / a**2))


def gaussian_mean_field(
    R: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    number: Scalar,
    *,
    all_bodies: bool = False,
    form: str = "roots",
    share_of_K: Scalar = 1.0,
) -> Inequality:
    """D(t) ≤ its bound for product data R^{⊗N} and V = ½κ|x|², where D is exact: n = 1, or n = N with `all_bodies`.

    K_N = κ²tr Var_x/N, since ∇V is linear (and not bounded). For n = N the free centre of mass and N − 1 relative modes of frequency √κ
    split: D = (1/N)MK(Φ_κR, Φ_0R)² + (1 − 1/N)MK(Φ_κR, Φ_κR)². `share_of_K` multiplies K_N (0 is a control).
    """
    check_choice("form", form, FORMS)
    found = every_form(R, stiffness, hbar, time, number, share_of_K=share_of_K)
    return found["N" if all_bodies else "1"][FORMS.index(form)]


def every_form(
    R: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    number: Scalar,
    *,
    share_of_K: Scalar = 1.0,
) -> dict[str, list[Inequality]]:
    """`gaussian_mean_field` for n = "1" and "N", each by all `FORMS`."""
    check_positive_scalar("hbar", hbar)
    share = 1 / jnp.asarray(number, float)
    numbers = {"hbar": hbar, "kappa": stiffness, "1/N": share, "t": time}
    rights = _gaussian_bounds(R, stiffness, hbar, time, share_of_K * share)
    lefts = _gaussian_costs(R, stiffness, hbar, time, number)
    return {
        n: [_claim(left, right, n, form, numbers) for form, right in zip(FORMS, rights)]
        for n, left in lefts.items()
    }


def _claim(left: Bracket, right: Bracket, n: str, form: str, numbers: dict) -> Inequality:
    return Inequality(
        "MK_ħ, mean field",
        f"(1/n)MK(R^⊗n, R_N^n)² ≤ bound by {form}, n = {n}, Gaussians",
        left,
        right.widen(1e-12 * right.upper),
        width=1e-6 * right.upper,
        parameters=numbers,
    )


def _gaussian_costs(R, stiffness, hbar, time, number) -> dict[str, Bracket]:
    limit = _centred(quadratic_marginal(R, stiffness, jnp.inf, time))
    free = _centred(quadratic_marginal(R, 0.0, jnp.inf, time))
    body = _centred(quadratic_marginal(R, stiffness, number, time))
    single, centre = pair_costs([(limit, body), (limit, free)], hbar)
    share = 1 / number
    return {"1": single, "N": centre * share + self_distance(limit, hbar) * (1 - share)}


def _gaussian_bounds(R, stiffness, hbar, time, share) -> list[Bracket]:
    s = jnp.linspace(0.0, 1.0, POINTS) * time
    K = stiffness**2 * position_spread(R, stiffness, s) * share
    given = self_distance(R, hbar), K, jnp.abs(stiffness), time, R.dimension * hbar
    return [mean_field_bound(*given, form=form) for form in FORMS]


def gaussian_distance(
    R: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    number: Scalar,
    *,
    form: str = "roots",
) -> Inequality:
    """dist(W̃[R(t)], W̃[R_N^1(t)])² ≤ the bound of D(t) + dħ, for Gaussians and V = ½κ|x|²."""
    limit, bodies = (quadratic_marginal(R, stiffness, n, time) for n in (jnp.inf, number))
    heat = 0.5 * hbar * jnp.eye(2 * R.dimension)
    one, other = (Gaussian(state.mean, state.covariance + heat) for state in (limit, bodies))
    share = 1 / jnp.asarray(number, float)
    check_choice("form", form, FORMS)
    bounds = _gaussian_bounds(R, stiffness, hbar, time, share)
    right = bounds[FORMS.index(form)] + R.dimension * hbar
    return Inequality(
        "MK_ħ, mean field",
        "dist(W̃[R], W̃[R_N^1])² ≤ bound of MK² + dħ, Gaussians",
        monge_kantorovich(one, other),
        right.widen(ROUNDING),
        parameters={"hbar": hbar, "kappa": stiffness, "1/N": share, "t": time},
    )


def _centred(state: Gaussian) -> Gaussian:
    """With mean 0: the centre of mass of both sides moves freely, and alike."""
    return Gaussian(jnp.zeros_like(state.mean), state.covariance)
