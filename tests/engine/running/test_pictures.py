"""Figures and animations of runs: what they hold, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import pendulum

import jaxwigner as jw
from jaxwigner.engine.running.pictures import density_of

CASE = pendulum("schrodinger")
PSI = jnp.asarray(CASE.state)


def run_of(name="schrodinger", state=None, **options):
    case = pendulum(name)
    start = case.state if state is None else state
    return jw.evolve(case.system, start, duration=0.4, steps=4, throw=False, **options)


def refused(call, *words):
    with pytest.raises(ValueError, match="Argument `(path|run|rate)` must .+, but ") as error:
        call()
    assert all(word in str(error.value) for word in words), error.value


def test_a_wave_with_its_observables_and_its_potential(tmp_path):
    run = run_of(saves=3, observe=("position", "energy", "density", "momentum_density"))
    figure = run.plot(tmp_path / "run.png")
    labels = [(ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) for ax in figure.axes]
    assert ("$t$", "⟨x⟩", "") in labels and ("$t$", "⟨H⟩", "") in labels
    assert ("$t$", "$x$", "ρ") in labels and ("$t$", "$p$", "ρ(p)") in labels
    assert ("$x$", r"$\rho$", "t = 0.4") in labels and any(one[1] == "$U$" for one in labels)
    line = next(ax for ax in figure.axes if ax.get_title() == "t = 0.4").lines[0]
    np.testing.assert_allclose(line.get_ydata(), np.abs(run.state) ** 2)
    assert (tmp_path / "run.png").stat().st_size > 10_000
    run.save(tmp_path / "kept")
    again = jw.load_run(tmp_path / "kept").plot()  # which does not know U
    assert not any(ax.get_ylabel() == "$U$" for ax in again.axes)


@pytest.mark.parametrize("name, kinds", [("moyal", 1), ("newton", 0)])
def test_fields_and_clouds(name, kinds):
    figure = run_of(name, saves=2, observe="position").plot()
    last = next(ax for ax in figure.axes if ax.get_title() == "t = 0.4")
    assert len(last.images) == kinds and last.get_ylabel() == "$p$"
    if kinds:
        low, high = last.images[0].get_clim()
        assert low == -high and last.images[0].get_cmap().name == "RdBu_r"
    else:
        assert len(last.collections[0].get_offsets()) == 7


@pytest.mark.parametrize("name", ["schrodinger", "mixed", "moyal", "newton", "density"])
def test_animations(name, tmp_path):
    from PIL import Image

    mixed = jw.MixedState([0.25, 0.75], jnp.stack([PSI, 1j * PSI])) if name == "mixed" else None
    options = {"observe": "density"} if name == "density" else {}
    kind = "schrodinger" if name in ("mixed", "density") else name
    path = run_of(kind, mixed, saves=2, **options).animate(tmp_path / "a.gif", rate=5)
    with Image.open(path) as picture:
        assert picture.n_frames == 3 and picture.info["duration"] == 200
        frames = []
        for number in (0, 2):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("L"), float))
    assert np.mean(np.abs(frames[1] - frames[0])) > 0.1


def test_densities_of_states():
    lines = {"x": np.arange(4.0), "y": np.arange(3.0), "z": np.array([0.0, 0.5])}
    psi = np.random.default_rng(0).normal(size=(4, 3, 2)) + 0j
    shown = density_of(psi, lines)
    np.testing.assert_allclose(shown.values, 0.5 * (np.abs(psi) ** 2).sum(2))
    assert list(shown.axes) == ["x", "y"] and not shown.signed
    pair = jw.MixedState([0.25, 0.75], np.stack([psi[:, 0, 0], psi[:, 1, 0]]))
    one = density_of(pair, {"x": lines["x"]}).values
    np.testing.assert_allclose(one, 0.25 * psi[:, 0, 0].real ** 2 + 0.75 * psi[:, 1, 0].real ** 2)
    waves = density_of(psi[:, :, 0], {"l": lines["x"], "r": lines["y"]})
    np.testing.assert_allclose(waves.values, (np.abs(psi[:, :, 0]) ** 2).sum(0))
    assert density_of(psi.real, lines) is None and density_of(psi, {}) is None


def test_paths_and_runs_that_are_refused(tmp_path):
    run = run_of(saves=2)
    for path, word in (("a.jpg", ".png"), ("no/a.png", "folder"), (3, "path")):
        refused(lambda p=path: run.plot(p if p == 3 else tmp_path / p), word)
    (tmp_path / "b.gif").mkdir()
    for path, word in (("a.mp4", ".gif"), ("no/a.gif", "folder"), ("b.gif", "folder")):
        refused(lambda p=path: run.animate(tmp_path / p), word)
    refused(lambda: run.animate(tmp_path / "a.gif", rate=0), "rate")
    for bare in (run_of(), run_of(saves=2, observe="position")):
        refused(lambda r=bare: r.animate(tmp_path / "a.gif"), "saved states")
    batch = jax.vmap(lambda u: run_of(state=u))(jnp.stack([PSI, PSI]))
    refused(lambda: batch.plot(), "batch")
    refused(lambda: jax.jit(lambda u: run_of(state=u).plot() or u)(PSI), "traced")
    assert [path.name for path in tmp_path.iterdir()] == ["b.gif"]
