"""Kinks, no part of the third derivatives that JAX sees, are found along trajectories, and nothing smooth is taken for one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.potentials import as_potential
from jaxwigner.studies.compare.kicks import Motion
from jaxwigner.studies.compare.predict import Quantiles
from jaxwigner.studies.compare.smooth import check_smooth

POINTS = np.random.default_rng(0).uniform(0.05, 0.95, (16, 4))


def check(U, d=1):
    draw = Quantiles(jnp.array([1.0, 0.0][:d] + [0.2, 0.1][:d]), jnp.eye(2 * d) / 2)
    motion = Motion(as_potential(U), jnp.ones(d), draw, draw.widths, (), False)
    check_smooth(motion, POINTS[:, : 2 * d], jnp.asarray(0.3), jnp.asarray(3.0), 64)


@pytest.mark.parametrize(
    ("U", "which"),
    [
        (lambda x: x**2 / 2 + 0.01 * jax.nn.relu(x - 0.3), "first"),
        (lambda x: jnp.where(x > 0, x**2 / 2, 2 * x**2), "second"),
        (jw.potentials.Harmonic(1.0) + as_potential(lambda x: 0.1 * jnp.abs(x)), "first"),
        (lambda x, y: x**2 / 2 + y**2 + 0.01 * jnp.maximum(x - y, 0) ** 2, "second"),
    ],
)
def test_kinks(U, which):
    with pytest.raises(ValueError, match=f"must have no kinks.*its {which} derivative jumps"):
        check(U, 2 if U.__class__.__name__ == "function" and U.__code__.co_argcount == 2 else 1)


@pytest.mark.parametrize(
    "U",
    [
        lambda x: x**2 / 2 + 0.1 * jnp.abs(x) ** 3,
        lambda x: 0.5 * x**2 + 3 * jnp.cos(4 * x),
    ],
)
def test_what_is_smooth(U):
    check(U)


def test_predictions_refuse_them():
    every = {"mass": 1.0, "state": jw.Packet(1.0, width=0.5), "duration": 3.0, "samples": 2**7}
    with pytest.raises(ValueError, match="no kinks"):
        jw.predict(lambda x: x**2 / 2 + 0.1 * jax.nn.relu(x), **every, times=8)
