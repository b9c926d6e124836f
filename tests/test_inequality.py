"""The truth table of verdicts, rates and refinements."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner import Bracket
from jaxwigner.theorems import Inequality, fitted_rate, rate, refinement


def claim(lhs, rhs, kind="inequality", width=0.1):
    return Inequality("test", "lhs, rhs", Bracket(*lhs), Bracket(*rhs), kind=kind, width=width)


@pytest.mark.parametrize(
    ("kind", "lhs", "rhs", "verdict"),
    [
        ("inequality", (0.0, 1.0), (1.0, 2.0), "holds"),
        ("inequality", (1.0, 1.04), (1.02, 1.05), "tight"),
        ("inequality", (0.5, 1.5), (1.0, 2.0), "undecided"),
        ("inequality", (1.1, 1.2), (0.9, 1.0), "violated"),
        ("inequality", (0.0, np.inf), (1.0, 2.0), "undecided"),
        ("inequality", (-np.inf, np.inf), (1.0, 1.0), "undecided"),
        ("identity", (1.0, 1.04), (1.02, 1.05), "holds"),
        ("identity", (0.0, 1.0), (1.0, 1.0), "undecided"),
        ("identity", (1.1, 1.2), (0.9, 1.0), "violated"),
        ("identity", (0.5, 0.6), (0.9, 1.0), "violated"),
        ("rate", (1.9, 2.0), (1.85, 2.15), "holds"),
        ("rate", (1.8, 2.0), (1.85, 2.15), "undecided"),
        ("rate", (0.9, 1.1), (1.85, 2.15), "violated"),
        ("rate", (2.9, 3.1), (1.85, 2.15), "violated"),
    ],
)
def test_truth_table(kind, lhs, rhs, verdict):
    assert claim(lhs, rhs, kind).verdict == verdict


def test_nan_is_undecided():
    side = Bracket(0.0, 1.0)
    broken = eqx.tree_at(lambda b: b.lower, side, float("nan"))
    assert Inequality("test", "nan", broken, Bracket(2.0, 3.0)).verdict == "undecided"


def test_constant_breaks_the_claim():
    assert claim((0.9, 0.95), (1.0, 1.0)).with_constant(0.5).verdict == "violated"


def test_batches_report_their_worst_entry():
    def one(x):
        lhs = Bracket.estimated(x, 0.01)
        return Inequality("test", "x ≤ 1", lhs, 1.0, parameters={"x": x})

    batch = jax.jit(jax.vmap(one))(jnp.array([0.2, 0.9, 0.5]))
    assert batch.verdict == "holds"
    assert float(batch.worst().parameters["x"]) == 0.9
    batch = jax.vmap(one)(jnp.array([0.2, 1.5, 0.5]))
    assert batch.verdict == "violated"
    worst = batch.worst()
    assert worst.verdict == "violated" and np.shape(worst.lhs.lower) == ()


def test_batch_of_vectors_keeps_its_axes():
    """Sides with an axis of times, then `vmap` over ħ: widths and parameters follow."""

    def one(x):
        lhs = Bracket.estimated(x * jnp.arange(3.0), 0.01)
        return Inequality("test", "t x ≤ 1", lhs, 1.0, width=0.1 * x, parameters={"x": x})

    worst = jax.vmap(one)(jnp.array([0.1, 0.4])).worst()
    assert float(worst.parameters["x"]) == 0.4
    assert abs(float(worst.lhs.centre) - 0.8) < 1e-12


def test_rigour_is_lost_with_either_side():
    assert claim((0.0, 1.0), (1.0, 2.0)).rigorous
    estimated = Bracket.estimated(0.5, 0.1)
    assert not Inequality("test", "x ≤ 1", estimated, 1.0).rigorous


def test_fitted_rate_recovers_powers_and_covers_noise():
    scales = 0.1 * 0.5 ** np.arange(6)
    exact = fitted_rate(scales, 3 * scales**1.5)
    assert abs(exact.centre - 1.5) < 1e-12 and exact.width < 1e-10
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        noisy = scales**2 * np.exp(0.1 * rng.normal(size=6))
        covered += bool(fitted_rate(scales, noisy).contains(2.0))
    assert 178 <= covered <= 200  # 95 % of 200, to 4 standard deviations
    traced = jax.jit(fitted_rate)(jnp.asarray(scales), jnp.asarray(scales**2))
    assert abs(float(traced.centre) - 2) < 1e-12


def test_rate_needs_three_points():
    with pytest.raises(ValueError, match="at least 3 entries"):
        rate("test", "O(ħ)", np.array([0.1, 0.05]), np.array([0.1, 0.05]), (0.85, 1.15))


def test_refinement():
    plain, richardson = refinement(1.0, 1.3), refinement(1.0, 1.3, order=2)
    assert (plain.lower, plain.upper) == (1.0, 1.6)
    assert abs(richardson.width - 0.2) < 1e-12


def test_refuses_single_precision_and_unknown_kinds():
    with jax.enable_x64(False), pytest.raises(ValueError, match="float64"):
        claim((0.0, 1.0), (1.0, 2.0))
    with pytest.raises(ValueError, match="`kind` must be one of"):
        claim((0.0, 1.0), (1.0, 2.0), kind="equality")
