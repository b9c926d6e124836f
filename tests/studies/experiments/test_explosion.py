"""The Coulomb explosion of three nuclei: the energies of an independent program, and what spins allow."""

import functools

import numpy as np
import pytest
from settings import refused

from jaxwigner import units
from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments.explosion import experiment as explosion
from jaxwigner.studies.experiments.explosion import motion
from jaxwigner.studies.experiments.explosion.spins import ground_state_weight, spin_states

small = functools.partial(
    explosion.Settings,
    isotopes=("H",),
    correlation=0.5,
    duration=0.5,
    interval=0.025,
    particles=2**14,
    moved=2**11,
)


@pytest.fixture(scope="module")
def dataset():
    return explosion.run(small(animate=True))


@pytest.mark.slow
def test_the_release_of_h3_is_that_of_an_independent_program(dataset):
    """Mean, standard deviation and skewness; |C| at t = 0.1; P(E) has the mass 1, its largest value and its width at half of that."""
    one = dataset.isel(isotope=0)
    mean, std, skewness = one["quantum_moments"].values
    assert (
        abs(mean - 50.5352) < 1e-3 and abs(std - 4.3081) < 1e-3 and abs(skewness - 0.48855) < 1e-4
    )
    assert np.all(one["quantum_moments_error"] < [1e-4, 1e-3, 1e-3])
    C, lag = one["quantum_autocorrelation"], one["lag_time"]
    scaled = units.scaled_time(units.femtoseconds_to_atomic(lag), float(one["epsilon"]))
    assert abs(C[2] - 0.79793648) < 1e-6 and abs(scaled[2] - 0.1) < 1e-12
    energy, P = one["energy"].values, one["quantum_release"].values
    assert abs(P.sum() * (energy[1] - energy[0]) - 1) < 1e-4
    assert abs(energy[P.argmax()] - 49.58) < 0.1
    wide = energy[P > P.max() / 2]
    assert abs(wide[-1] - wide[0] - 9.58) < 0.2


@pytest.mark.slow
def test_the_skewness_shows_hbar(dataset):
    """Classically the mean is right to .01 eV; the skewness is wrong by .05, as of another sampling of the same Wigner function."""
    one = dataset.isel(isotope=0)
    gap = (one["classical_moments"] - one["quantum_moments"]).values
    error = one["classical_moments_error"].values
    assert abs(gap[0]) < 0.01 and abs(gap[1]) < 0.05
    assert abs(gap[2] - 0.047) < 0.01 + 3 * error[2] and gap[2] > 5 * error[2]
    assert 0.005 < one["release_gap"] < 0.02 and one["release_gap_noise"] < 0.5 * one["release_gap"]


@pytest.mark.slow
def test_packet_and_ensemble_move_alike(dataset):
    """To 0.6 ε² within the sampling errors, while both grow; Lemma 5.1."""
    square = float(dataset["epsilon"][0]) ** 2
    for name in ("singular", "r12", "R", "cos2"):
        gap = abs(dataset[f"quantum_{name}"] - dataset[f"classical_{name}"])
        assert np.all(gap < 0.6 * square + 4 * dataset[f"classical_{name}_error"]), name
    assert dataset["quantum_r12"][-1] > dataset["quantum_r12"][0] + 0.08
    assert np.all(dataset["quantum_square"] <= dataset["square_bound"])
    assert dataset["quantum_square"].max() > 0.95 * dataset["square_bound"]
    R, r = dataset["R"], dataset["r"]
    for kind in ("quantum", "classical"):
        mass = dataset[f"{kind}_density"].sum(("R", "r")) * (R[1] - R[0]) * (r[1] - r[0])
        np.testing.assert_allclose(mass, 1, atol=1e-5)


@pytest.mark.slow
def test_figures(dataset, tmp_path):
    names = [path.name for path in draw(dataset, tmp_path)]
    stem = "explosion"
    assert sorted(names) == [
        *(f"{stem}.gif", f"{stem}.png", f"{stem}_density.png", f"{stem}_motion.png")
    ]


@pytest.mark.parametrize("spin", [0.0, 0.5, 1.0, 1.5])
def test_spin_states_are_counted_by_the_traces_of_permutations(spin):
    """tr 1 = n³, tr (12) = n², tr (123) = n on three spins: the multiplicities of S₃ by its characters."""
    n = round(2 * spin) + 1
    traces = n**3, 3 * n**2, 2 * n
    expected = [np.dot(traces, signs) / 6 for signs in ((1, 1, 1), (1, -1, 1))]
    expected.append(2 * np.dot(traces, (2, 0, -1)) / 6)
    assert list(spin_states(spin).values()) == expected
    assert sum(expected) == n**3


def test_which_ground_states_there_are():
    assert [ground_state_weight(one) for one in ("H", "D", "T")] == [0, 10, 0]


def test_frequencies_go_by_the_root_of_the_mass():
    """In scaled time they are the same for all isotopes."""
    epsilons = [units.mass_ratio_epsilon(one) for one in ("H", "T")]
    pairs = [motion.frequencies(small(), *pair) for pair in zip(("H", "T"), epsilons)]
    np.testing.assert_allclose(pairs[0], pairs[1], rtol=1e-12)
    np.testing.assert_allclose(pairs[0], (0.621841, 0.491225), rtol=1e-6)


test_settings_are_checked = refused(
    small,
    isotopes=[("Mu",), ("H", "H")],
    duration=[0.3],
    particles=[1025],
    distance=[0.1],
    reach=[1.0],
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(interval=0.05), "`interval` must be below"),
        (dict(correlation=0.2, duration=0.2), "`correlation` must be so long"),
    ],
)
def test_a_distribution_that_stays_unknown_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        explosion.run(small(**change))
