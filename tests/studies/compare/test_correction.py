"""Times are shared out evenly, points with them, and a correction of one's own packet is that of `predict`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import ndtri

import jaxwigner as jw
from jaxwigner.studies.compare import correction as file
from jaxwigner.studies.compare.correction import correction, intervals, student
from jaxwigner.studies.compare.kicks import corrections


@pytest.mark.parametrize("times", [1, 5, 16, 40, [0.0, 0.1, 3.0]])
def test_intervals(times):
    """A power of two of them, whose ends hold all times that are wanted."""
    fractions, wanted = intervals(times, 3.0)
    assert len(fractions) >= 2 and len(fractions) & (len(fractions) - 1) == 0
    ends = np.concatenate([[0.0], np.cumsum(fractions)])[wanted]
    asked = np.linspace(0, 1, times + 1) if isinstance(times, int) else np.array(times) / 3
    np.testing.assert_allclose(ends, asked, atol=1e-14)


def draw(uniforms, hbar):
    """A packet at (1.2, 0.3), a tenth too wide in x and weighted back."""
    z = ndtri(uniforms)
    x = 1.1 * z[:, :1]
    weights = 1.1 * jnp.exp((z[:, 0] ** 2 - x[:, 0] ** 2) / 2)
    spread = jnp.sqrt(hbar / 2)
    return 1.2 + spread * x, 0.3 + spread * z[:, 1:], weights


@pytest.mark.slow
def test_weighted_points():
    """Weights are carried along: the packet drawn by importance has the correction of the packet."""
    options = {"duration": 2.0, "hbar": (0.1,), "samples": 2**10, "times": 8, "steps": 16}
    options |= {"observe": ("position", "kinetic")}

    def well(x):
        return x**2 / 2 + 0.1 * x**4

    own = correction(well, 1.0, draw, [np.sqrt(0.05)], **options)
    state = jw.Gaussian([1.2, 0.3], np.eye(2) / 2)
    plain = jw.predict(well, mass=1.0, state=state, **options)
    for kind in ("classical", "correction"):
        for name in ("position", "kinetic"):
            one, other = (getattr(found, kind)[name] for found in (own, plain))
            errors = [getattr(found, f"{kind}_error")[name] for found in (own, plain)]
            assert np.all(np.abs(one - other) <= 2 * (errors[0] + errors[1]) + 1e-12)
    assert np.max(np.abs(own.correction["position"])) > 1e-4


def test_bad_draws():
    options = {"duration": 2.0, "hbar": (0.1,), "samples": 2**7, "times": 8, "steps": 16}
    with pytest.raises(ValueError, match=r"`draw` must give x \(n, 1\), p \(n, 1\) and weights"):
        correction(lambda x: x**4, 1.0, lambda u, hbar: (u, u, u), [0.2], **options)
    with pytest.raises(ValueError, match="`widths` must be positive"):
        correction(lambda x: x**4, 1.0, draw, [0.0], **options)


def well(*x):
    """Coupled and anharmonic, in any number of coordinates."""
    return sum(a**2 / 2 + 0.06 * a**3 + 0.02 * a**4 for a in x) + 0.1 * x[0] ** 2 * x[-1]


FEW = {"mass": 1.0, "duration": 4.0, "hbar": (0.1,), "samples": 2**8, "times": 8, "steps": 16}


@pytest.mark.slow
@pytest.mark.parametrize(("d", "estimator"), [(1, "pairs"), (2, "sphere")])
def test_errors_are_those_of_other_seeds(d, estimator):
    """Twenty seeds scatter as the error of each says: the rms of their deviations in standard errors is 0.6 … 1.6 (t₇: 1.2)."""
    state = jw.Gaussian(np.concatenate([np.linspace(1, 0.5, d), np.zeros(d)]), np.eye(2 * d) / 2)
    options = {**FEW, "observe": ("kinetic", "|x|²"), "estimator": estimator}
    runs = [jw.predict(well, state=state, seed=seed, **options) for seed in range(20)]
    for kind in ("classical", "correction"):
        for name in ("kinetic", "|x|²"):
            value = np.array([getattr(run, kind)[name][0, 1:] for run in runs])
            error = np.array([getattr(run, f"{kind}_error")[name][0, 1:] for run in runs])
            apart = (value - value.mean(0)) / (error / (student(8) * np.sqrt(8)))
            assert 0.6 < np.sqrt(np.mean(apart**2)) < 1.6, (kind, name)


def memory_of(monkeypatch, memory, **options):
    """Bytes that the program wants beside its arguments, and those of the points."""
    found = []

    def lowered(motion, plan, hbars, points, at_once, *rest):
        program = jax.jit(lambda points: corrections(motion, plan, hbars, points, at_once))
        compiled = program.lower(jnp.asarray(points)).compile()
        found.extend([compiled.memory_analysis().temp_size_in_bytes, points.nbytes])
        raise StopIteration

    monkeypatch.setattr(file, "measured", lowered)
    with pytest.raises(StopIteration):
        jw.predict(memory=memory, **options)
    return found


@pytest.mark.slow
def test_memory(monkeypatch):
    """What trajectories take stays under the limit in nine dimensions; a copy of the points, in their other order, may come on top."""
    pairs = jw.potentials.Pairs(lambda r: (r - 1) ** 2 / 2 + 0.1 * (r - 1) ** 3, 3)
    corners = np.array([0.0, 0, 0, 1, 0, 0, 0.5, 0.8, 0])
    state = jw.Gaussian(np.concatenate([corners, np.zeros(9)]), np.eye(18) / 2)
    options = {**FEW, "hbar": (0.01,), "potential": pairs, "state": state, "samples": 2**10}
    for memory in (2**19, 2**22):
        used, points = memory_of(monkeypatch, memory, **options)
        assert memory / 16 < used <= memory + points


@pytest.mark.slow
def test_many_values_of_hbar_by_vmap():
    state = jw.Gaussian([1.0, 0.0], np.eye(2) / 2)
    hbars = jnp.array([0.1, 0.05])

    def last(hbar):
        found = jw.predict(well, state=state, **{**FEW, "hbar": hbar})
        return found.correction["position"][0, -1], found.correction_error["position"][0, -1]

    together = jw.predict(well, state=state, **{**FEW, "hbar": hbars})
    value, error = jax.vmap(last)(hbars)
    np.testing.assert_allclose(value, together.correction["position"][:, -1], rtol=1e-10)
    np.testing.assert_allclose(error, together.correction_error["position"][:, -1], rtol=1e-8)


@pytest.mark.slow
def test_signed_weights():
    """A displaced first excited state, W < 0 in its middle: against a quantum run, and the classical means of the same points."""
    hbar, grid = 0.2, jw.Grid(-8.0, 7.0, 192)
    state = jw.Level(1, of=jw.potentials.Harmonic(1.0), shift=1.0)
    axis = jnp.asarray(grid.axes[0])
    run = jw.evolve(
        jw.Schrodinger(grid, well, hbar),
        state.wave(jw.OwnSystem(well, 1.0), grid, hbar),
        duration=6.0,
        steps=240,
        saves=8,
        observe=lambda psi: jnp.sum(axis * jnp.abs(psi) ** 2) * grid.cell,
    )
    options = {**FEW, "samples": 2**13, "hbar": (hbar, 0.1), "duration": 6.0, "steps": 32}
    found = jw.predict(well, state=state, **options)
    gap = np.asarray(run.observed) - found.classical["position"][0]
    left = np.abs(gap - found.correction["position"][0])
    errors = found.classical_error["position"][0] + found.correction_error["position"][0]
    # The next order in ħ is worth 8 % of the gap.
    assert np.all(left <= errors + 0.1 * np.max(np.abs(gap)))
    assert np.max(np.abs(gap)) > 10 * np.max(errors)
