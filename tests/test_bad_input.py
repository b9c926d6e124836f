"""Bad input gets a plain sentence, «Argument `x` must …, but …», before anything is traced; never a result that is NaN."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner import observables as obs
from jaxwigner import phase_space as ps

FORM = r"^Argument `[^`]+` must .+, but "
GRID = jw.Grid(-4.0, 4.5, 16)
PLANE = jw.Grid((-4.0, -3.0), (4.5, 4.0), (8, 6))
PHASE = jw.PhaseGrid(GRID, jw.Grid(-2.0, 2.5, 12))
FLAT = jw.PhaseGrid(PLANE, jw.Grid((-2.0, -2.0), (2.5, 3.0), (4, 5)))
PSI = jw.coherent_state(GRID, 0.3, 0.2, 0.5)
NAN_PSI = np.where(np.arange(16) == 3, np.nan, np.asarray(PSI))
W = np.exp(-(PHASE.mesh[0][0] ** 2) - PHASE.mesh[1][0] ** 2)
CLOUD = jw.Particles([0.5, 0.5], [0.0, 0.5], [0.1, 0.2])
CLOUD_2D = jw.Particles([1.0], [[0.0, 0.5]], [[0.1, 0.2]])
MIXED = jw.MixedState([1.0], PSI[None])
FOCK = jw.FockState(np.diag([0.5, 0.5]), 0.5)
U = jw.potentials.Harmonic(1.0)
TABLE = jw.potentials.Tabulated(np.linspace(-1.0, 1.0, 6), np.linspace(-1.0, 1.0, 6) ** 2)
NARROW = jw.potentials.Tabulated(np.linspace(-4.1, 4.6, 9), np.linspace(-1.0, 1.0, 9) ** 2)
TEST = ps.GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
SYSTEM = jw.Schrodinger(GRID, U, 0.5)

# What is no number, no positive number, no vector of numbers.
NOT_REAL = ["1", None, True, 1j, [None], {}, object(), np.array("a"), lambda: 1.0]
NOT_FINITE = [float("nan"), float("inf"), -float("inf")]
NOT_NUMBERS = [*NOT_REAL, *NOT_FINITE, [1.0, 2.0], np.ones((2, 2))]
NOT_POSITIVE = [*NOT_NUMBERS, 0.0, -0.1]
NOT_COUNTS = [*NOT_NUMBERS, 0, -3, 2.5, 4.0]
NOT_STATES = [
    "a",
    None,
    {},
    object(),
    np.ones(15),
    np.ones((4, 4)),
    1.0,
    NAN_PSI,
    CLOUD,
    ["a"] * 16,
]
NOT_GRIDS = [None, "grid", 16, PHASE, (-4.0, 4.5, 16)]
NOT_POTENTIALS = ["x**2", None, 1.0, np.ones(15), jw.potentials.Harmonic([1.0, 2.0]), TABLE]
BAD_FUNCTIONS = [lambda x, y: x * y, lambda x: 1j * x, lambda: 1.0, lambda x: None]


def packet(**changes):
    arguments = {"grid": GRID, "position": 0.3, "momentum": 0.2, "hbar": 0.5} | changes
    return jw.coherent_state(**arguments)


def run(**changes):
    arguments = {"system": SYSTEM, "state": PSI, "duration": 0.1, "steps": 2} | changes
    return jw.evolve(**arguments)


CASES = []


def add(name, call, values):
    """One case for each bad value."""
    CASES.extend(pytest.param(lambda v=v: call(v), id=f"{name}-{i}") for i, v in enumerate(values))


CENTRES = [*NOT_REAL, *NOT_FINITE, [0.1, 0.2], [[0.1]], []]

# Grids
add("grid lower", lambda v: jw.Grid(v, 4.0, 16), [*NOT_REAL, *NOT_FINITE, [0.0, 1.0], 4.0, 5.0, []])
add("grid upper", lambda v: jw.Grid(-4.0, v, 16), [*NOT_REAL, *NOT_FINITE, [0.0, 1.0], -4.0, -5.0])
add(
    "grid points", lambda v: jw.Grid(-4.0, 4.0, v), [*NOT_NUMBERS, 1, 0, -8, 16.0, (), (8, 1), "ab"]
)
add("phase position", lambda v: jw.PhaseGrid(v, GRID), [*NOT_GRIDS, PLANE])
add("phase momentum", lambda v: jw.PhaseGrid(GRID, v), [*NOT_GRIDS, PLANE])
add("natural grid", lambda v: jw.phase_grid(v, 0.5), NOT_GRIDS)
add("natural hbar", lambda v: jw.phase_grid(GRID, v), NOT_POSITIVE)

# States
add("packet grid", lambda v: packet(grid=v), NOT_GRIDS)
add("packet position", lambda v: packet(position=v), [*CENTRES, -4.1, 4.5, 9.0])
add("packet momentum", lambda v: packet(momentum=v), CENTRES)
add("packet hbar", lambda v: packet(hbar=v), NOT_POSITIVE)
add("squeezing", lambda v: jw.squeezed_state(GRID, 0.3, 0.2, 0.5, v), [*CENTRES, 0.0, -1.0])
add("wave hbar", lambda v: jw.wave_packet(GRID, 0.3, 0.2, v), NOT_POSITIVE)
add("wave position", lambda v: jw.wave_packet(GRID, v, 0.2, 0.5), [*CENTRES, 7.0])
add("wave alpha", lambda v: jw.wave_packet(GRID, 0.3, 0.2, 0.5, alpha=v), [*NOT_NUMBERS, -0.1])
add("wave profile", lambda v: jw.wave_packet(GRID, 0.3, 0.2, 0.5, profile=v), ["a", 1.0, [1.0]])
add("cat hbar", lambda v: jw.cat_state(GRID, 0.3, 0.2, v), NOT_POSITIVE)
add("cat phase", lambda v: jw.cat_state(GRID, 0.3, 0.2, 0.5, phase=v), NOT_NUMBERS)
add("cat position", lambda v: jw.cat_state(GRID, v, 0.2, 0.5), [*CENTRES, 4.2, 7.0])
add("orbitals grid", lambda v: jw.fock_orbitals(v, 4, 0.5), [*NOT_GRIDS, PLANE])
add("orbitals number", lambda v: jw.fock_orbitals(GRID, v, 0.5), NOT_COUNTS)
add("orbitals hbar", lambda v: jw.fock_orbitals(GRID, 4, v), NOT_POSITIVE)
add("thermal number", lambda v: jw.thermal_state(v, 0.5, 1.0), NOT_COUNTS)
add("thermal hbar", lambda v: jw.thermal_state(4, v, 1.0), NOT_POSITIVE)
add("temperature", lambda v: jw.thermal_state(4, 0.5, v), NOT_POSITIVE)
WEIGHTS = [
    *NOT_REAL,
    "a",
    1.0,
    [],
    [0.5, 0.4],
    [1.5, -0.5],
    [0.5, np.nan],
    [[0.5, 0.5]],
    [1.0],
    [0.3] * 3,
]
add("weights", lambda v: jw.Particles(v, [0.0, 1.0], [0.0, 1.0]), WEIGHTS)
POINTS = [*NOT_REAL, [0.0], [0.0, np.inf], [0.0, 1j], np.ones((2, 2, 1)), 1.0, [[0.0], [1.0, 2.0]]]
add("positions", lambda v: jw.Particles([0.5, 0.5], v, [0.0, 1.0]), [*POINTS, np.ones((2, 3))])
add("momenta", lambda v: jw.Particles([0.5, 0.5], [0.0, 1.0], v), [*POINTS, np.ones((2, 3))])
MIXTURES = [*NOT_REAL, [], [-1.0], [0.0], [0.5, 0.5], [np.nan], 1.0]
add("mixed weights", lambda v: jw.MixedState(v, PSI[None]), MIXTURES)
add(
    "mixed orbitals",
    lambda v: jw.MixedState([1.0], v),
    ["a", None, {}, PSI, NAN_PSI[None], [[None]], 1.0],
)
HERMITIAN = [[[0.5, 1j], [1j, 0.5]], [[1.0, 0.3], [0.0, 0.0]], [[np.nan, 0.0], [0.0, 1.0]]]
add(
    "fock matrix",
    lambda v: jw.FockState(v, 0.5),
    [*HERMITIAN, "a", None, 1.0, [1.0], np.ones((2, 3))],
)
add("fock hbar", lambda v: jw.FockState(np.eye(2) / 2, v), NOT_POSITIVE)
add("toeplitz cloud", lambda v: jw.toeplitz_state(v, GRID, 0.5), ["a", None, PSI, CLOUD_2D])
FAR = jw.Particles([1.0], [4.6], [0.0])
add("toeplitz box", lambda v: jw.toeplitz_state(v, GRID, 0.5), [FAR])
add("toeplitz grid", lambda v: jw.toeplitz_state(CLOUD, v, 0.5), [*NOT_GRIDS, PLANE])
add("toeplitz hbar", lambda v: jw.toeplitz_state(CLOUD, GRID, v), NOT_POSITIVE)

# Systems
for kind, quantum in ((jw.Schrodinger, True), (jw.Moyal, True), (jw.Liouville, False)):
    where, other = (GRID, NOT_GRIDS) if kind is jw.Schrodinger else (PHASE, [None, "a", GRID, 3])
    first = (0.5,) if quantum else ()
    make = lambda g, u, *rest, kind=kind: kind(g, u, *rest)  # noqa: E731
    add(f"{kind.__name__} grid", lambda v, f=make, a=first: f(v, U, *a), other)
    bad = [*NOT_POTENTIALS, *BAD_FUNCTIONS]
    add(f"{kind.__name__} potential", lambda v, f=make, g=where, a=first: f(g, v, *a), bad)
    add(f"{kind.__name__} mass", lambda v, f=make, g=where, a=first: f(g, U, *a, v), NOT_POSITIVE)
    if quantum:
        add(f"{kind.__name__} hbar", lambda v, f=make, g=where: f(g, U, v), NOT_POSITIVE)
add("Moyal reach", lambda v: jw.Moyal(PHASE, v, 0.5), [NARROW])
add(
    "Schrodinger values",
    lambda v: jw.Schrodinger(GRID, v, 0.5),
    [np.full(16, np.nan), np.ones(16) * 1j],
)
add(
    "plane potential",
    lambda v: jw.Schrodinger(PLANE, v, 0.5),
    [lambda x: x, jw.potentials.Torsion(1.0)],
)
add("Newton potential", lambda v: jw.Newton(v), ["a", None, 1.0])
POINT = jw.Particles([1.0], [0.0], [0.0])
add("Newton mass", lambda v: jw.Newton(U, v).enter(POINT), NOT_POSITIVE)

# Runs
add("system", lambda v: run(system=v), [None, "a", jw.Schrodinger, U])
add("state", lambda v: run(state=v), [*NOT_STATES, FOCK, W, jw.MixedState([1.0], np.ones((1, 15)))])
add(
    "field",
    lambda v: run(system=jw.Moyal(PHASE, U, 0.5), state=v),
    ["a", None, PSI, 1j * W, W * np.nan, W.T, MIXED],
)
add("cloud", lambda v: run(system=jw.Newton(U), state=v), ["a", None, PSI, W, MIXED])
TORSION, HALF = jw.Newton(jw.potentials.Torsion(1.0)), jw.Newton(lambda x: x**2)
add("dimensions", lambda v: run(system=v, state=CLOUD_2D), [TORSION, HALF])
SINGLE = jw.Particles([1.0], np.ones(1, np.float32), np.ones(1))
add("precisions", lambda v: run(system=jw.Newton(U), state=v), [SINGLE])
add("duration", lambda v: run(duration=v), NOT_NUMBERS)
add("steps", lambda v: run(steps=v), NOT_COUNTS)
add("tolerance", lambda v: run(steps=None, tolerance=v), [*NOT_POSITIVE, None])
add("progress", lambda v: run(progress=v), ["a", 1, {}])
add("keep", lambda v: run(keep=v), [3, "", "s3://a/b", __file__])
add("method", lambda v: run(method=v), ["euler", None, 4, ["strang"], {}, np.array(["strang"] * 2)])
add("gradient", lambda v: run(gradient=v), ["backward", None, 4, ["reversible"], {}])
add(
    "observe",
    lambda v: run(observe=v),
    ["speed", 4, [abs, 3], ["energy", "energy"], [], {"a": 3}, {"a": None}, {"a": abs, "b": "c"}],
)
SAVES = [
    "a",
    True,
    0,
    -1,
    2.5,
    [],
    [0.2],
    [-0.1],
    [0.05, 0.02],
    [0.05, 0.05],
    [np.nan],
    [[0.0, 0.1]],
    [None],
    {},
]
add("saves", lambda v: run(saves=v), SAVES)
add("saves of nothing", lambda v: run(duration=0.0, saves=v), [[0.0]])

# Transforms
for name, call in (("wigner", jw.wigner), ("husimi", jw.husimi)):
    add(
        f"{name} state",
        lambda v, f=call: f(v, GRID, PHASE, 0.5),
        [*NOT_STATES, W, jw.MixedState([1.0], np.ones((1, 15)))],
    )
    add(f"{name} grid", lambda v, f=call: f(PSI, v, PHASE, 0.5), [*NOT_GRIDS, PLANE])
    add(f"{name} phase grid", lambda v, f=call: f(PSI, GRID, v, 0.5), [None, "a", GRID, FLAT])
    add(f"{name} hbar", lambda v, f=call: f(PSI, GRID, PHASE, v), NOT_POSITIVE)
    add(f"{name} other hbar", lambda v, f=call: f(FOCK, GRID, PHASE, v), [0.4])
add(
    "bilinear",
    lambda v: ps.bilinear_wigner(PSI, v, GRID, PHASE, 0.5),
    [*NOT_STATES, PSI.astype(np.complex64)],
)
add("bilinear psi", lambda v: ps.bilinear_wigner(v, PSI, GRID, PHASE, 0.5), NOT_STATES)
add("marginals", lambda v: jw.marginals(v, PHASE), ["a", None, W.T, PSI, W * np.nan, 1j * W])
add("marginals grid", lambda v: jw.marginals(W, v), [None, "a", GRID, FLAT])
for name, call in (("f", ps.f_hbar), ("g", ps.g_hbar)):
    add(f"{name} state", lambda v, f=call: f(v, U, GRID, PHASE, 0.5), NOT_STATES)
    add(
        f"{name} potential",
        lambda v, f=call: f(PSI, v, GRID, PHASE, 0.5),
        ["a", None, 1.0, np.ones(15), 1j * np.ones(16)],
    )
    add(f"{name} hbar", lambda v, f=call: f(PSI, U, GRID, PHASE, v), NOT_POSITIVE)
add("weak state", lambda v: ps.weak_integral(v, GRID, TEST.transform, 0.5), NOT_STATES)
add("weak grid", lambda v: ps.weak_integral(PSI, v, TEST.transform, 0.5), NOT_GRIDS)
add("weak kernel", lambda v: ps.weak_integral(PSI, GRID, v, 0.5), ["a", None, 1.0])
add("weak hbar", lambda v: ps.weak_integral(PSI, GRID, TEST.transform, v), NOT_POSITIVE)
add(
    "weak lags",
    lambda v: ps.weak_integral(PSI, GRID, TEST.transform, 0.5, lags=v),
    ["a", -1, 2.5, True, [3]],
)
add("expectation", lambda v: ps.wigner_expectation(PSI, GRID, v, 0.5), ["a", None, lambda x, p: x])
add("point position", lambda v: ps.wigner_at(PSI, GRID, v, 0.1, 0.5), CENTRES)
add("point momentum", lambda v: ps.wigner_at(PSI, GRID, 0.1, v, 0.5), CENTRES)
add("point hbar", lambda v: ps.wigner_at(PSI, GRID, 0.1, 0.1, v), NOT_POSITIVE)
add("point state", lambda v: ps.wigner_at(v, GRID, 0.1, 0.1, 0.5), NOT_STATES)
add("test profile", lambda v: ps.GaussianTest(v, momentum=0.0, width=1.0), ["a", None, 1.0])
add("test width", lambda v: ps.GaussianTest(abs, momentum=0.0, width=v), NOT_POSITIVE)
add(
    "test supremum",
    lambda v: ps.GaussianTest(abs, momentum=0.0, width=1.0, supremum=v),
    NOT_POSITIVE,
)
add(
    "test momentum", lambda v: ps.GaussianTest(abs, momentum=v, width=1.0), [*NOT_REAL, *NOT_FINITE]
)

# Observables
MEASURES = {
    "density": lambda s, g: obs.position_density(s, g),
    "spectrum": lambda s, g: obs.momentum_density(s, g, 0.5),
    "current": lambda s, g: obs.current(s, g, 0.5),
    "norm": lambda s, g: obs.norm(s, g),
    "position": lambda s, g: obs.mean_position(s, g),
    "momentum": lambda s, g: obs.mean_momentum(s, g, 0.5),
    "kinetic": lambda s, g: obs.kinetic_energy(s, g, 0.5),
    "potential": lambda s, g: obs.potential_energy(s, g, np.ones(16)),
}
for name, call in MEASURES.items():
    add(f"{name} of state", lambda v, f=call: f(v, GRID), NOT_STATES)
    add(f"{name} on grid", lambda v, f=call: f(PSI, v), [*NOT_GRIDS, PLANE])
add("spectrum hbar", lambda v: obs.momentum_density(PSI, GRID, v), NOT_POSITIVE)
add("current hbar", lambda v: obs.current(PSI, GRID, v), NOT_POSITIVE)
add("kinetic mass", lambda v: obs.kinetic_energy(PSI, GRID, 0.5, v), NOT_POSITIVE)
add(
    "potential values",
    lambda v: obs.potential_energy(PSI, GRID, v),
    ["a", None, np.ones(15), 1j * np.ones(16)],
)
add("moments", lambda v: obs.moments(v), ["a", None, PSI, MIXED])
add("phase moments", lambda v: obs.phase_moments(v, PHASE), ["a", None, W.T, PSI, W * np.nan])
add("phase moments grid", lambda v: obs.phase_moments(W, v), [None, "a", GRID, FLAT])

# Resolution


def choose(**changes):
    arguments = {"make_system": lambda g: jw.Schrodinger(g, U, 0.5), "potential": U, "hbar": 0.5}
    return jw.resolve(**(arguments | {"duration": 1.0} | changes))


bodies = lambda grid: jw.Hartree(grid, U, 0.5)  # noqa: E731
for name in ("hbar", "mass", "tolerance"):
    wrong = [v for v in NOT_POSITIVE if v is not None or name == "tolerance"]  # None: the system's
    add(f"resolve {name}", lambda v, n=name: choose(**{n: v}), wrong)
add("resolve coarsely", lambda v: choose(tolerance=v), [0.5])
add("resolve duration", lambda v: choose(duration=v), NOT_NUMBERS)
add(
    "resolve energy", lambda v: choose(energy=v), [*(v for v in NOT_NUMBERS if v is not None), -1.0]
)
add("resolve position", lambda v: choose(position=v), CENTRES)
add("resolve momentum", lambda v: choose(momentum=v), CENTRES)
add("resolve dimension", lambda v: choose(dimension=v), NOT_COUNTS)
add("resolve method", lambda v: choose(method=v), ["euler", None, 4])
add("resolve potential", lambda v: choose(potential=v), ["a", 1.0])
add("resolve without potential", lambda v: choose(make_system=bodies, potential=v), [None])
add("resolve without hbar", lambda v: choose(make_system=lambda g: jw.Newton(U), hbar=v), [None])
add("resolve system", lambda v: choose(make_system=v), ["a", None, lambda grid: None])


@pytest.mark.parametrize("call", CASES)
def test_bad_arguments_are_named(call):
    with pytest.raises(ValueError, match=FORM):
        call()


def test_the_sentence():
    with pytest.raises(ValueError, match=r"^Argument `hbar` must be positive, but is -0\.1$"):
        packet(hbar=-0.1)
    with pytest.raises(ValueError, match=r"^Argument `weights` must sum to 1, but sums to 0\.9$"):
        jw.Particles([0.5, 0.4], [0.0, 1.0], [0.0, 1.0])
    with pytest.raises(
        ValueError, match=r"^Argument `state` must have shape \(16\), but has shape \(15,\)$"
    ):
        run(state=np.ones(15))


def test_checks_come_before_tracing():
    """Known values are checked although the program is being compiled; traced ones pass."""
    with pytest.raises(ValueError, match=FORM):
        jax.jit(lambda q: packet(position=q, hbar=-0.1))(0.3)
    assert jax.jit(lambda h: packet(hbar=h))(0.5).shape == (16,)
    with pytest.raises(ValueError, match=FORM):
        jax.jit(lambda n: run(steps=n, throw=False).state)(2.5)
