"""G14–G16, G19: from N bodies to one."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.potentials import SoftCoulomb
from jaxwigner.states import Gaussian
from jaxwigner.studies.claims.claim import CONTROL, measures, row
from jaxwigner.studies.claims.gp.data import (
    COSINE,
    cloud,
    gaussian,
    pair_of_gaussians,
    two_bodies,
)
from jaxwigner.theorems import mean_field


@measures("G14")
def mean_field_limit(full: bool):
    """Theorem 2.6: quadratic V up to N = 10⁴ with exact K_N, and V = cos x on the grid of two bodies."""
    p, R = pair_of_gaussians()
    same = gaussian([0.0, 0.0], p.covariance), gaussian([0.0, 0.0], R.covariance)
    cases = [("paper", 1), ("paper", 2), ("grouped", 1), ("sharp", 1)]

    @jax.jit
    @jax.vmap
    def every(N):
        return [
            mean_field.gaussian_mean_field(*same, 1.0, 0.2, 1.0, N, n=n, form=form)
            for form, n in cases
        ]

    for (form, n), claims in zip(cases, every(jnp.array([2.0, 10.0, 100.0, 1e4]))):
        yield row("G14", f"quadratic V, n = {n}, {form} form", claims)
    yield from _distances_of_gaussians(*same)
    run, coarse = two_bodies("vlasov")
    claim = mean_field.body_bound(run, coarse, COSINE, 0.3, 1.0, theorem="2.6")
    yield row("G14", "cosine, N = 2", claim)
    yield row("G14", "Lemma 5.4", mean_field.one_body_is_enough(run))
    yield row("G14", "Lemma 5.1 (b), symmetry (14)", mean_field.symmetry_is_kept(run))
    yield row("G14", "10⁻⁴ of the bound", claim.with_constant(1e-4), CONTROL)


def _distances_of_gaussians(p: Gaussian, R: Gaussian):
    """The second statement of Theorem 2.6; at t = 0 a point and a coherent state give equality, and W₂² in place of ½W₂² fails."""
    program = jax.jit(lambda p, R, t: mean_field.gaussian_distance(p, R, 1.0, 0.2, t, 100.0))
    yield row("G14", "quadratic V, distance of Husimi functions", program(p, R, 1.0))
    point, packet = gaussian([0.7, 0.0], np.zeros((2, 2))), gaussian([0.0, 0.0], 0.1 * np.eye(2))
    tight = program(point, packet, 0.0)
    yield row("G14", "point and packet: equality", tight, ("tight", "holds"))
    yield row("G14", "W₂² in place of ½W₂²", tight.with_constant(0.5), CONTROL)


@measures("G15")
def consistency_terms(full: bool):
    """K_N exactly, by sampling, and below both bounds; the control is a bound that falls twice as fast in N."""
    z, key = cloud(64), jax.random.key(0)
    for N in (2, 10):
        claim = jax.jit(lambda z, N=N: mean_field.sampled_consistency(z, COSINE, N, 20000, key))(z)
        yield row("G15", f"sampled, N = {N}", claim)
    for form in mean_field.FORMS:
        claims = jax.vmap(
            lambda N, form=form: mean_field.consistency_bound(z, COSINE, N, form=form)
        )(jnp.array([2.0, 3.0, 10.0, 100.0, 1e4]))
        yield row("G15", f"cosine, {form} bound", claims)
    soft = mean_field.consistency_bound(z, SoftCoulomb(1.0, 1.0), 10.0)
    yield row("G15", "softened Coulomb", soft)
    sharp = mean_field.consistency_bound(z, COSINE, 100.0, form="sharp")
    yield row("G15", "‖∇V‖²/N² in place of ‖∇V‖²/N", sharp.with_constant(0.01), CONTROL)


@measures("G16")
def sum_over_pairs(full: bool):
    """With (1/N)Σ_{j<k}V the bodies follow the Hartree equation at rate 1/N; with the printed double sum they do not."""
    _, R = pair_of_gaussians()
    numbers = np.array([8.0, 32.0, 128.0, 512.0, 1e4])
    for printed in (False, True):
        claim = mean_field.pair_sum_limit(R, 1.0, 1.0, numbers, printed=printed)
        name = "as printed" if printed else "Σ_{j<k}"
        yield row("G16", name, claim, CONTROL if printed else "holds")


@measures("G19")
def hierarchies(full: bool):
    """BBGKY for n = 1, 2 on finite-dimensional bodies; the control has the coefficient of the printed double sum."""
    key = jax.random.key(1)
    for N, n, levels in ((2, 1, 3), (3, 1, 3), (3, 2, 3), (4, 2, 2)):
        yield row("G19", f"N = {N}, n = {n}", mean_field.hierarchy(N, levels, key, n=n))
    printed = mean_field.hierarchy(3, 3, key, coefficient=2.0)
    yield row("G19", "printed double sum", printed, CONTROL)
