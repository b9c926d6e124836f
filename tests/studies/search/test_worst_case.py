"""The search for worst cases: it reaches known suprema, refuses artefacts, and never reports what cannot be trusted."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.studies.search.worst_case import Outcome, worst_case

MATRIX = np.random.default_rng(3).normal(size=(5, 5))
SMALL = {"starts": 4, "iterations": 40, "random": 50}


def vector(key):
    return jax.random.normal(key, (5,))


def operator_norm(a, fine):
    """‖Av‖ ≤ ‖A‖‖v‖."""
    return jnp.linalg.norm(MATRIX @ a) / (np.linalg.norm(MATRIX, 2) * jnp.linalg.norm(a))


def hill(a, fine):
    """A true maximum 0.9 at 0, and a spurious one at 3 that finer points do not show."""
    artefact = 0.0 if fine else 2 * jnp.exp(-((a - 3) ** 2))
    return 0.9 * jnp.exp(-(a**2)) + artefact


def number(key):
    return 2 * jax.random.normal(key)


def test_a_known_supremum_is_reached_and_not_exceeded():
    found = worst_case(operator_norm, vector, rate=0.1, iterations=150, starts=4, random=100)
    assert 0.9999 < found.ratio <= 1 + 1e-12
    assert found.improves and found.ratio > found.random_best
    top = np.linalg.svd(MATRIX)[2][0]
    v = found.parameters / np.linalg.norm(found.parameters)
    assert np.isclose(abs(top @ v), 1.0, atol=1e-3)
    assert found.history.shape == (150, 4) and np.all(np.diff(found.history, axis=0) >= 0)
    assert found.random.shape == (100,) and np.all(np.diff(found.random) >= 0)


def test_a_second_search_compiles_nothing():
    """By functions written once more, and with another number in a Partial; not where a closure has another one."""
    count = [0]
    listen = lambda event, *_, **more: count.__setitem__(0, count[0] + ("backend_compile" in event))  # noqa: E731
    peak = lambda width, a, fine: jnp.exp(-((a / width) ** 2))  # noqa: E731

    def search(width, closed=0.9):
        ratio = jax.tree_util.Partial(
            lambda w, a, fine: closed * peak(w, a, fine), jnp.asarray(width)
        )
        return worst_case(ratio, lambda key: 2 * jax.random.normal(key), **SMALL)

    first = search(1.0)
    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        again, other = search(1.0), search(0.5)
        assert count == [0]
        assert (
            search(1.0, 0.8).ratio == pytest.approx(0.8 / 0.9 * again.ratio, rel=1e-2)
            and count[0] > 0
        )
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    assert (again.ratio, again.searched) == (first.ratio, first.searched)
    assert not np.array_equal(other.random, first.random)


def test_artefacts_are_refused_and_listed():
    found = worst_case(hill, number, starts=12, iterations=60, random=100, rate=0.1)
    assert np.isclose(found.ratio, 0.9, atol=1e-3) and found.random_best <= 0.9
    assert len(found.refused) > 0
    assert all(searched > 1.5 and confirmed < 0.1 for searched, confirmed, _ in found.refused)


def test_nothing_is_reported_where_all_are_artefacts():
    with pytest.raises(ValueError, match="No case of the search was confirmed .* became"):
        worst_case(lambda a, fine: hill(a, fine) if fine else 2 * hill(a, fine), number, **SMALL)


def test_members_that_cannot_be_trusted_do_not_count():
    """a grows without limit, but beyond 1 the diagnostics are bad."""

    def ratio(a, fine):
        return Outcome(jnp.exp(a), jnp.where(a < 1, 0.1, 10.0))

    found = worst_case(ratio, number, starts=4, iterations=200, random=50)
    assert 0.95 * np.e < found.ratio < np.e
    assert np.all(found.random < np.e)


def test_the_seed_fixes_everything():
    one, same, other = (worst_case(operator_norm, vector, seed=s, **SMALL) for s in (1, 1, 2))
    assert one.ratio == same.ratio and np.array_equal(one.random, same.random)
    assert one.ratio != other.ratio


WRONG = {
    "no function": ({"ratio": 1.0}, "`ratio` must be a function"),
    "no draw": ({"draw": None}, "`draw` must be a function"),
    "whole numbers": (
        {"draw": lambda key: jax.random.randint(key, (), 0, 3)},
        "`draw` must return real floating-point arrays",
    ),
    "no starts": ({"starts": 0}, "`starts` must be an integer of at least 1"),
    "fraction": ({"iterations": 2.5}, "`iterations` must be an integer"),
    "no random members": ({"random": -3}, "`random` must be an integer of at least 1"),
    "rate": ({"rate": -0.1}, "`rate` must be positive"),
    "agreement": ({"agreement": 0.0}, "`agreement` must be positive"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input(case):
    change, message = WRONG[case]
    arguments = {"ratio": operator_norm, "draw": vector, **SMALL, **change}
    with pytest.raises(ValueError, match=message):
        worst_case(arguments.pop("ratio"), arguments.pop("draw"), **arguments)


def test_single_precision_is_refused():
    with jax.enable_x64(False), pytest.raises(ValueError, match="float64"):
        worst_case(operator_norm, vector, **SMALL)
