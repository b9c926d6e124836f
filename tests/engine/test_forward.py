"""Runs forwards: traced numbers of steps and durations."""

import jax
import pytest
from cases import SYSTEMS, case_run, distance, pendulum


@pytest.mark.parametrize("name", SYSTEMS)
def test_traced_steps_and_duration(name):
    case = pendulum(name)
    plain = jax.jit(lambda: case_run(case, 0.7, 9, "blanes-moan-4").state)()
    traced = jax.jit(lambda T, n: case_run(case, T, n, "blanes-moan-4").state)(0.7, 9)
    assert distance(plain, traced) < 1e-12 * case.scale
