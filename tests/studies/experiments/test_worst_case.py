"""The hypothesis classes are what they say, their costs agree with direct runs, and known extremisers and suprema are met."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.cli import app
from jaxwigner.studies.experiments import catalogue
from jaxwigner.studies.experiments.worst_case import experiment as worst_claims
from jaxwigner.studies.experiments.worst_case.claims import MAKERS
from jaxwigner.studies.search import coulomb_classes as worst_coulomb
from jaxwigner.studies.search import growth_classes as worst_growth
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant
from jaxwigner.transport import packet_cost

FRAME = worst_growth.Frame(hbar=0.3, time=0.5, lipschitz=1.5)
SIDED = worst_growth.Frame(hbar=0.3, time=0.5, lipschitz=0.5, curvature=2.0)
COULOMB = worst_coulomb.Frame(0.1, 0.5, 0.5, 0.5, 0.4, 10.0, 128)
X = np.linspace(-400.0, 400.0, 200_001)


def second(V, x):
    return jax.vmap(jax.grad(lambda q: V.gradient(q)[0]))(jnp.asarray(x))


def member(seed, even=True):
    draw = worst_growth.draw_even if even else worst_growth.draw_odd
    return draw(jax.random.key(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_potentials_meet_their_hypotheses(seed):
    even = worst_growth.even_potential(member(seed), FRAME)
    odd = worst_growth.odd_potential(member(seed, even=False), FRAME)
    sided = worst_growth.one_sided_potential(member(seed), SIDED)
    x = np.linspace(0.1, 9.0, 40)
    for V in (even, odd, sided):
        assert np.allclose(V.gradient(x)[0], jax.vmap(jax.grad(V))(jnp.asarray(x)), atol=1e-9)
    assert np.allclose(even(x), even(-x)) and np.allclose(odd(x), -odd(-x))
    for V in (even, odd):
        assert 0.98 * 1.5 < np.abs(second(V, X)).max() <= 1.5 * (1 + 1e-4)
    low, high = float(second(sided, X).min()), float(second(sided, X).max())
    assert -0.5 * (1 + 1e-4) <= low and high <= 2.0 * (1 + 1e-4)
    assert np.isclose(low, -0.5, rtol=1e-2) or np.isclose(high, 2.0, rtol=1e-2)


@pytest.mark.slow
def test_states_have_the_covariance_they_are_made_of():
    a = member(3) | {"levels": jnp.zeros((worst_growth.LEVELS - 1, 2))}
    grid = FRAME.grid(False)
    psi = worst_growth.pure_state(a, grid, FRAME.hbar, (0, 1, 2, 3))
    S = jw.transport.quantum_moments(psi, grid=grid, hbar=FRAME.hbar).covariance
    expected = worst_growth.squeezed_covariance(a["squeeze"], FRAME.hbar)
    assert np.allclose(S, expected, atol=1e-10)
    assert np.isclose(np.linalg.det(S), 0.25 * FRAME.hbar**2)


@pytest.mark.slow
def test_the_extremiser_of_theorem_s_is_in_the_class():
    """p = δ_0 on a flat core V″ = −L, R squeezed along the direction that grows most: for L = 1 that of x = p."""
    frame = worst_growth.Frame(hbar=0.1, time=0.5, lipschitz=1.0)
    a = {
        "waves": jnp.array([-1.0, 0.0, 0.0, 0.0]),
        "size": jnp.array(-30.0),
        "squeeze": jnp.array([0.0, 3.0]),
        "levels": jnp.zeros((3, 2)),
        "points": jnp.zeros((3, 2)),
        "weights": jnp.zeros(3),
        "centre": jnp.zeros(2),
    }
    found = jax.jit(lambda a: worst_growth.theorem_25(a, frame, False))(a)
    assert 0.9999 < found["ratio"] < 1 + 1e-6 and found["trust"] < 1
    turned = a | {"squeeze": jnp.array([0.0, -3.0])}
    assert jax.jit(lambda a: worst_growth.theorem_25(a, frame, False))(turned)["ratio"] < 0.5


@pytest.mark.slow
def test_two_bodies_by_relative_motion_and_directly():
    """½E_ħ(F₂, R₂)² of the class against a run of both bodies on a two-dimensional grid."""
    frame = worst_growth.Frame(hbar=0.6, time=0.4, lipschitz=1.0)
    a = member(5) | {"size": jnp.array(2.0), "centre": jnp.array([0.3, -0.2])}
    a = a | {"levels": 0.3 * a["levels"], "points": 0.2 * a["points"]}
    V = worst_growth.even_potential(a, frame)
    side = jw.Grid(-9.0, 9.0, 72)
    x1, x2 = side.axes[0][:, None], side.axes[0][None, :]
    X, r = (x1 + x2) / np.sqrt(2), (x1 - x2) / np.sqrt(2)
    fine = jw.Grid(-13.0, 13.0, 512)
    relative = worst_growth.pure_state(a, fine, frame.hbar, (0, 2, 4, 6))
    chi = jnp.interp(r, fine.axes[0], relative.real) + 1j * jnp.interp(
        r, fine.axes[0], relative.imag
    )
    S = worst_growth.squeezed_covariance(a["centre"], frame.hbar)
    b = 2 * S[0, 1] / frame.hbar
    phi = jnp.exp(-(1 - 1j * b) * X**2 / (4 * S[0, 0]))
    psi = phi * chi / jnp.sqrt(jnp.sum(jnp.abs(phi * chi) ** 2) * side.cell**2)
    system = jw.ManyBody(side, V, frame.hbar, 2, symmetric=False)
    options = {"duration": frame.time, "steps": 8, "throw": False}
    end = jw.evolve(system, psi, **options).state
    z = worst_growth.cloud(a, symmetric=True)
    both = lambda u: jnp.concatenate([u, -u], axis=1) / np.sqrt(2)  # noqa: E731  (X = 0)
    pairs = jw.Particles(z.weights, both(z.positions), both(z.momenta))
    moved = jw.evolve(jw.ManyBodyNewton(V, 2), pairs, **options).state
    square = jw.Grid((-9.0, -9.0), (9.0, 9.0), (72, 72))
    costs = []
    for p, state in ((pairs, psi), (moved, end)):
        R = jw.MixedState(p.weights, jnp.stack([state] * p.weights.shape[0]))
        costs.append(0.5 * packet_cost(p, R, square, frame.hbar).cost)
    bound = jw.theorems.stability.bound(
        jw.Bracket.exact(costs[0]), 0.5 * frame.hbar, 1.0, frame.time, "sharp"
    )
    found = jax.jit(lambda a: worst_growth.theorem_27(a, frame, False))(a)["ratio"]
    assert np.isclose(found, costs[1] / bound.centre, rtol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_every_member_obeys_the_proved_bounds(seed):
    for measure, frame, even in (
        (worst_growth.theorem_25, FRAME, True),
        (worst_growth.theorem_26, FRAME, True),
        (worst_growth.one_sided, SIDED, True),
        (worst_growth.odd_pair, FRAME, False),
    ):
        if seed and measure is not worst_growth.odd_pair:
            continue  # one member of each: the searches look at thousands
        found = jax.jit(lambda a, m=measure, f=frame: m(a, f, False))(member(seed, even))
        assert 0 < found["ratio"] <= 1 + 1e-6
        assert 0 < found["paper"] <= 1


@pytest.mark.slow
def test_coulomb_constants_without_u_b_are_known():
    free = dataclasses.replace(COULOMB, oscillation=0.0)
    a = worst_coulomb.draw(jax.random.key(0))
    top = jax.jit(lambda a: worst_coulomb.sharp_constants(a, free, True))(a)
    gamma = sharp_constant(free.hbar / np.sqrt(free.charge * free.radius))
    assert np.isclose(top["estimate_9"], gamma, rtol=1e-3)
    assert 0.9 < top["lemma_51"] < 1.0


@pytest.mark.slow
def test_coulomb_members_stay_below_the_sharp_constants_of_their_u_b():
    members = jax.vmap(worst_coulomb.draw)(jax.random.split(jax.random.key(1), 8))

    @jax.jit
    def both(members):
        def one(a):
            seen = [
                m(a, COULOMB, False) for m in (worst_coulomb.lemma_51, worst_coulomb.estimate_9)
            ]
            return seen, worst_coulomb.sharp_constants(a, COULOMB)

        return jax.lax.map(one, members)

    (lemma, nine), top = both(members)
    good = np.asarray(lemma["trust"] <= 1)
    assert good.sum() >= 2
    assert np.all(lemma["ratio"][good] <= top["lemma_51"][good] * 1.001)
    assert np.all(nine["ratio"][good] <= top["estimate_9"][good] * 1.001)
    assert np.all(np.asarray(top["lemma_51"]) < 1) and np.all(np.asarray(top["estimate_9"]) < 1)


def test_smooth_potentials_have_the_oscillation_asked_for():
    U = worst_coulomb.smooth_potential(worst_coulomb.draw(jax.random.key(4)), COULOMB)
    values = U(np.linspace(0.0, 20.0, 20_001))
    assert np.isclose(float(values.max() - values.min()), 0.4, rtol=1e-3)
    assert np.isclose(float(U.lower_bound), float(values.min()), atol=1e-4)


@pytest.fixture(scope="module")
def dataset():
    quick = worst_claims.Settings(("estimate-9-free",), starts=2, iterations=20, random=20)
    return worst_claims.run(quick)


@pytest.mark.slow
def test_the_search_beats_random_members_and_stays_below_the_supremum(dataset):
    (found,), (best,) = dataset["found"].values, dataset["random_best"].values
    (sharp,) = dataset["sharp"].values
    assert best < found <= sharp
    assert np.isclose(found, dataset["searched"].values[0], rtol=1e-3)
    assert dataset["history"].shape == (1, 20, 2) and dataset["random"].shape == (1, 20)


@pytest.mark.slow
def test_the_case_found_can_be_computed_again(dataset):
    claim = MAKERS["estimate-9-free"](worst_claims.Settings())
    a = {
        k: jnp.array(v, float) for k, v in json.loads(str(dataset["parameters"].values[0])).items()
    }
    again = jax.jit(lambda a: claim.measure(a, claim.frame, True))(a)["ratio"]
    assert np.isclose(again, dataset["found"].values[0], rtol=1e-9)


@pytest.mark.slow
def test_results_and_figure_are_stored(dataset, tmp_path):
    import xarray

    app._save(dataset, tmp_path)
    assert (tmp_path / "worst-case.png").stat().st_size > 10_000
    with xarray.open_zarr(tmp_path / "results.zarr", consolidated=False) as again:
        assert np.allclose(again["found"], dataset["found"])
        assert "sharp" in again.attrs["estimate-9-free"]


WRONG = {
    "unknown claim": ({"claims": ("theorem-9",)}, "`claims` must be one of .*'theorem-9'"),
    "claim twice": ({"claims": ("one-sided", "one-sided")}, "`claims` must be distinct"),
    "no starts": ({"starts": 0}, "`starts` must lie between"),
    "negative ħ": ({"hbar": -0.1}, "`hbar` must lie between .*but is -0.1"),
    "one-sided rate": ({"curvature": 2.0}, "`curvature` must be at least 3 `lipschitz` = 3"),
    "too long": ({"lipschitz": 4.0, "time": 2.0, "curvature": 12.0}, "`time` must be such that"),
    "repulsion": ({"charge": -0.5}, "`charge` must lie between"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_settings(case):
    change, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        worst_claims.Settings(**change)


def test_only_some_claims():
    loaded = catalogue.load("worst-case")
    assert loaded.restricted(["one-sided"]).settings.claims == ("one-sided",)
    with pytest.raises(ValueError, match="`claims` must be one of .*'nosuch'"):
        loaded.restricted(["nosuch"])
    with pytest.raises(ValueError, match="`only` must not be given for plasma"):
        catalogue.load("plasma").restricted(["theorem-2.5"])
