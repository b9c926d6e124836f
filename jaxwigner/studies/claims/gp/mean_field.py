"""G14–G16, G19: from N bodies to one."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.potentials import SoftCoulomb
from jaxwigner.states import Gaussian
from jaxwigner.studies.claims.claim import batch, case, claim, control, two_sided
from jaxwigner.studies.claims.compiling import light_compilation, lightly
from jaxwigner.studies.claims.gp.data import (
    COSINE,
    cloud,
    gaussian,
    pair_of_gaussians,
    two_bodies,
)
from jaxwigner.theorems import mean_field


@claim("G14", "GP Theorem 2.6, Lemma 5.1 (b), Lemma 5.4", cost=14)
def mean_field_limit(full: bool):
    """N-body Schrödinger against Vlasov, n = 1, 2 and N up to 10⁴.

    *Given* ‖∇V‖∞ finite. **Beyond:** square roots.

    *Corrected:* squares and N-fold products on the right; Γ, not Λ, in the third display; half the pairs and a factor i/ħ in
    (18). Beyond: a form for square roots with rate ½ + L(N − 1)/N, which may be replaced by ½(1 + L). Controls: 10⁻⁴ of the
    bound, and W₂² in place of ½W₂².
    """
    p, R = pair_of_gaussians()
    same = gaussian([0.0, 0.0], p.covariance), gaussian([0.0, 0.0], R.covariance)
    cases = [("paper", 1), ("paper", 2), ("grouped", 1), ("sharp", 1)]

    bound = functools.partial(mean_field.gaussian_mean_field, *same, 1.0, 0.2, 1.0)
    with light_compilation():
        found = [
            batch(bound(N, n=n, form=form) for N in (2.0, 10.0, 100.0, 1e4)) for form, n in cases
        ]
    for (form, n), claims in zip(cases, found):
        name = f"quadratic V, n = {n}, {form} form"
        if n == 1:
            yield case(name, claims)
        else:
            yield from two_sided(name, claims, 0.0036, 0.004)
    yield from _distances_of_gaussians(*same)
    run, coarse = two_bodies("vlasov")
    bound = functools.partial(mean_field.body_bound, pair=COSINE, hbar=0.3, time=1.0, theorem="2.6")
    claim = lightly(bound)(run, coarse)
    yield from two_sided("cosine, N = 2", claim, 4.5e-4, 1.01e-3)
    yield case("Lemma 5.4", mean_field.one_body_is_enough(run))
    yield case("Lemma 5.1 (b), symmetry (14)", mean_field.symmetry_is_kept(run))
    yield control("10⁻⁴ of the bound", claim.with_constant(1e-4))


def _distances_of_gaussians(p: Gaussian, R: Gaussian):
    """The second statement of Theorem 2.6; at t = 0 a point and a coherent state give equality, and W₂² in place of ½W₂² fails."""
    point, packet = gaussian([0.7, 0.0], np.zeros((2, 2))), gaussian([0.0, 0.0], 0.1 * np.eye(2))
    with light_compilation():
        moved, tight = (
            mean_field.gaussian_distance(*pair, 1.0, 0.2, t, 100.0)
            for pair, t in (((p, R), 1.0), ((point, packet), 0.0))
        )
    yield case("quadratic V, distance of Husimi functions", moved)
    yield case("point and packet: equality", tight, "tight")
    yield control("W₂² in place of ½W₂²", tight.with_constant(0.5))


@claim("G15", "GP §5.4", cost=3)
def consistency_terms(full: bool):
    """the consistency term K_N.

    **Beyond:** exactly, and at least 8 × smaller than its bound.

    K_N exactly, by sampling, and below both bounds: K_N ≤ ‖∇V‖²(N − 1)/N² is at least 8 times smaller than the paper's, and
    finite for quadratic V. Control: a bound that falls twice as fast in N.
    """
    numbers, drawn = jnp.array([2.0, 3.0, 10.0, 100.0, 1e4]), (2, 10)

    @lightly
    def program(z, numbers):
        bound, key = mean_field.consistency_bound, jax.random.key(0)
        return (
            [mean_field.sampled_consistency(z, COSINE, N, 20000, key) for N in drawn],
            [
                jax.vmap(lambda N, form=form: bound(z, COSINE, N, form=form))(numbers)
                for form in mean_field.FORMS
            ],
            bound(z, SoftCoulomb(1.0, 1.0), 10.0),
            bound(z, COSINE, 100.0, form="sharp"),
        )

    sampled, bounds, soft, sharp = program(cloud(64), numbers)
    for N, inequality in zip(drawn, sampled):
        yield case(f"sampled, N = {N}", inequality)
    for form, inequality in zip(mean_field.FORMS, bounds):
        yield case(f"cosine, {form} bound", inequality)
    yield case("softened Coulomb", soft)
    yield control("‖∇V‖²/N² in place of ‖∇V‖²/N", sharp.with_constant(0.01))


@claim("G16", "GP (10)")
def sum_over_pairs(full: bool):
    """the sum over pairs j < k has the Hartree equation as its limit, the printed double sum has not.

    *Corrected throughout:* GP print the sum over all pairs (j, k), which is twice this one and has 2V⋆ρ in its limit; Hartree's
    and Vlasov's equations as they use them belong to j < k. The printed one is the control.
    """
    _, R = pair_of_gaussians()
    numbers = np.array([8.0, 32.0, 128.0, 512.0, 1e4])

    @lightly
    def program(R, numbers):
        limit = mean_field.pair_sum_limit
        return [limit(R, 1.0, 1.0, numbers, printed=printed) for printed in (False, True)]

    corrected, printed = program(R, numbers)
    yield case("Σ_{j<k}", corrected)
    yield control("as printed", printed)


@claim("G19", "GP (17), (18)", cost=6)
def hierarchies(full: bool):
    """the BBGKY hierarchy, with the corrected coefficients.

    For n = 1, 2 on finite-dimensional bodies. Control: the coefficient of the printed double sum.
    """
    key, sizes = jax.random.key(1), ((2, 1, 3), (3, 1, 3), (3, 2, 3), (4, 2, 2))

    @lightly
    def program(key):
        right = [mean_field.hierarchy(N, levels, key, n=n) for N, n, levels in sizes]
        return right, mean_field.hierarchy(3, 3, key, coefficient=2.0)

    right, printed = program(key)
    for (N, n, _), inequality in zip(sizes, right):
        yield case(f"N = {N}, n = {n}", inequality)
    yield control("printed double sum", printed)
