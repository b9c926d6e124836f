"""A system with an accurate final state, for tests of methods and of flows."""

import jax
import pytest
from cases import DURATION, SYSTEMS, case_run, pendulum


@pytest.fixture(scope="module", params=SYSTEMS)
def pair(request):
    """A system with an accurate final state."""
    case = pendulum(request.param)
    run = jax.jit(lambda T: case_run(case, T, 60, "blanes-moan-6"))(DURATION)
    assert int(run.diagnostics.status) == 0 and float(run.diagnostics.energy_error) < 1e-12
    return case, run.state
