"""Gradients of runs: three ways and finite differences, with respect to everything that may be traced."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exact import coherent_wigner, moved

import jaxwigner as jw

NODES = np.linspace(-9.0, 9.0, 14)
RNG = np.random.default_rng(7)
PARAMETERS = {
    "centre": 0.4,
    "momentum": -0.3,
    "U": 0.45 * NODES**2,
    "height": 0.3,
    "hbar": 0.3,
    "mass": 1.2,
    "duration": 0.6,
    "upper": 3.5,
}
IRRELEVANT = {"newton": ("hbar", "upper")}
SIZES = {"schrodinger": (54,), "moyal": (54, 72), "liouville": (54, 72), "newton": (5,)}
WEIGHTS = {name: RNG.normal(size=shape) for name, shape in SIZES.items()}
SEEN = RNG.normal(size=6)


def slow(value):
    return pytest.param(value, marks=pytest.mark.slow)


def thorough(value):
    """A case like another one, which CI runs: flows of Liouville's equation are in `test_real_fields_at_the_edge_of_their_grid` too."""
    return pytest.param(value, marks=pytest.mark.nightly)


def problem(name, a):
    """System and state of parameters that may all be traced."""
    potential = jw.potentials.Tabulated(NODES, a["U"], "linear") + jw.potentials.Gaussian(
        a["height"], 1.3
    )
    grid = jw.Grid(-3.3, a["upper"], SIZES[name][0])
    q, p, hbar, mass = (a[key] for key in ("centre", "momentum", "hbar", "mass"))
    if name == "schrodinger":
        return jw.Schrodinger(grid, potential, hbar, mass), jw.coherent_state(grid, q, p, hbar)
    if name == "newton":
        offsets = np.linspace(-1.0, 1.0, 5)
        cloud = jw.Particles(np.full(5, 0.2), q + offsets, p - 0.5 * offsets**2)
        return jw.Newton(potential, mass), cloud
    phase = jw.PhaseGrid(grid, jw.Grid(-3.6, 3.9, SIZES[name][1]))
    (x,), (k,) = phase.mesh
    field = coherent_wigner(x, k, q, p, hbar)
    if name == "moyal":
        return jw.Moyal(phase, potential, hbar, mass), field
    return jw.Liouville(phase, potential, mass), field


def functionals(name):
    """What is observed: a real number, and an array (complex for wave functions)."""
    weights = WEIGHTS[name]
    if name == "newton":
        return {
            "number": lambda z: jnp.sum(weights * jnp.sin(z.positions[:, 0])),
            "array": lambda z: z.positions * z.momenta,
        }
    return {
        "number": lambda u: jnp.sum(weights * jnp.abs(u) ** 2),
        "array": lambda u: jnp.tanh(u) if jnp.isrealobj(u) else u**2,
    }


def outcome(name, gradient="reversible", *, steps=6, saves=3, method="blanes-moan-4"):
    """A scalar of everything that a run returns."""

    def value(a):
        system, state = problem(name, a)
        run = jw.evolve(
            system,
            state,
            duration=a["duration"],
            steps=steps,
            method=method,
            observe=functionals(name),
            saves=saves,
            gradient=gradient,
            throw=False,
        )
        seen = run.observed
        total = jnp.sum(SEEN[: seen["number"].shape[0]] * seen["number"])
        total = total + jnp.sum(jnp.cos(jnp.real(seen["array"])) + jnp.imag(seen["array"]))
        final = run.state.momenta if name == "newton" else run.state
        return total + jnp.sum(jnp.real(final) ** 3) + run.times[-1]

    return value


def close(one, other, rtol):
    """Leaf by leaf, relative to the largest entry of the leaf."""
    for key in one:
        scale = np.max(np.abs(other[key])) + 1e-300
        worst = np.max(np.abs(one[key] - other[key])) / scale
        assert worst < rtol, (key, worst)


def parameters():
    return {key: np.asarray(value, float) for key, value in PARAMETERS.items()}  # no weak types


@pytest.fixture(
    scope="module", params=["schrodinger", slow("newton"), slow("moyal"), thorough("liouville")]
)
def gradients(request):
    """The name of a system and the gradient by the reversible engine."""
    name = request.param
    return name, jax.jit(jax.grad(outcome(name)))(parameters())


def test_every_parameter_matters(gradients):
    name, found = gradients
    for key, value in found.items():
        zero = key in IRRELEVANT.get(name, ())
        inner = value[3:-3] if key == "U" else value
        assert np.all(inner == 0) if zero else np.all(np.abs(inner) > 1e-8), key


def test_reversible_equals_plain_reverse_mode(gradients):
    name, found = gradients
    close(found, jax.jit(jax.grad(outcome(name, "checkpointed")))(parameters()), 1e-10)


def test_reversible_equals_forward_mode(gradients):
    name, found = gradients
    forward = jax.jit(jax.jacfwd(outcome(name, "forward")))(parameters())
    close(found, forward, 1e-10)


def test_reversible_equals_finite_differences(gradients):
    name, found = gradients
    value, start, step = jax.jit(outcome(name)), parameters(), 3e-5
    for key in start:
        if key in IRRELEVANT.get(name, ()):
            continue
        base = np.atleast_1d(start[key])
        # Every value of a table where runs are cheap, one direction of all values where they are not.
        cheap = base.size == 1 or name in ("schrodinger", "newton")
        directions = np.eye(base.size) if cheap else RNG.normal(size=(1, base.size))
        slopes = []
        for v in directions:
            ends = (np.reshape(base + sign * step * v, start[key].shape) for sign in (1, -1))
            ahead, behind = (value(start | {key: end}) for end in ends)
            slopes.append((ahead - behind) / (2 * step))
        close({key: directions @ np.atleast_1d(found[key])}, {key: np.array(slopes)}, 1e-6)


@pytest.mark.parametrize("name", ["schrodinger", slow("newton"), thorough("liouville")])
def test_chin_with_a_smooth_potential(name):
    """The modified kick has ∇U in its phases, so that its gradient has second derivatives of U."""

    def value(a, gradient):
        smooth = jw.potentials.Gaussian(a["height"], 1.3) + jw.potentials.Harmonic(a["mass"])
        system, state = problem(name, PARAMETERS | {"centre": a["centre"]})
        system = eqx.tree_at(lambda s: s.potential, system, smooth)
        run = jw.evolve(
            system, state, duration=0.7, steps=5, method="chin-4a", gradient=gradient, throw=False
        )
        final = run.state.positions[:, 0] if name == "newton" else jnp.abs(run.state) ** 2
        return jnp.sum(WEIGHTS[name] * final)

    start = {key: parameters()[key] for key in ("height", "mass", "centre")}
    one, other = (
        jax.jit(jax.grad(value), static_argnums=1)(start, gradient)
        for gradient in ("reversible", "checkpointed")
    )
    close(one, other, 1e-10)


@pytest.mark.parametrize("name", ["schrodinger", thorough("newton")])
@pytest.mark.parametrize("saves", [[0.05, 0.3, 0.35], thorough([0.2, 0.4, 0.6, 0.8])])
def test_uneven_and_even_lists_of_times(name, saves):
    """Lists of times need a known duration; segments of different steps prepare their own phases."""
    start = {key: value for key, value in parameters().items() if key != "duration"}
    values = [
        lambda a, g=gradient: outcome(name, g, steps=9, saves=saves)(a | {"duration": 0.9})
        for gradient in ("reversible", "checkpointed")
    ]
    one, other = (jax.jit(jax.grad(value))(start) for value in values)
    irrelevant = IRRELEVANT.get(name, ())
    close(*({k: v for k, v in g.items() if k not in irrelevant} for g in (one, other)), 1e-10)


def test_traced_steps_have_gradients():
    value = lambda a, n: outcome("schrodinger", steps=n)(a)  # noqa: E731
    traced = jax.jit(jax.grad(value))(parameters(), 6)
    close(traced, jax.jit(jax.grad(outcome("schrodinger")))(parameters()), 1e-12)


def test_gradient_of_the_oscillator_in_closed_form():
    """⟨x⟩(t) = q cos ωt + (p/mω) sin ωt, ω² = k/m, differentiated in q, p, m, k and t; ħ does not matter."""
    grid = jw.Grid(-6.0, 6.4, 90)
    x = grid.axes[0]

    def mean(q, p, mass, stiffness, t, hbar):
        psi = jw.coherent_state(grid, q, p, hbar)
        system = jw.Schrodinger(grid, jw.potentials.Harmonic(stiffness), hbar, mass)
        run = jw.evolve(system, psi, duration=t, steps=24, method="blanes-moan-6", throw=False)
        return jnp.sum(x * jnp.abs(run.state) ** 2) * grid.cell

    arguments = (0.8, -0.4, 1.3, 1.7, 1.1)
    found = jax.jit(jax.grad(mean, argnums=range(6)))(*arguments, 0.3)
    closed = lambda q, p, mass, k, t: moved(q, p, t, mass, jnp.asarray(k))[0]  # noqa: E731
    expected = jax.grad(lambda *a: closed_form(*a), argnums=range(5))(*arguments)
    np.testing.assert_allclose(found[:5], expected, rtol=1e-8)
    assert abs(found[5]) < 1e-9
    np.testing.assert_allclose(closed_form(*arguments), closed(0.8, -0.4, 1.3, 1.7, 1.1))


def closed_form(q, p, mass, stiffness, t):
    rate = jnp.sqrt(stiffness / mass)
    return q * jnp.cos(rate * t) + p * jnp.sin(rate * t) / (mass * rate)


def test_closures_over_tracers_get_gradients():
    """What `observe` closes over has a gradient as if it were an argument."""
    grid = jw.Grid(-3.3, 3.5, 54)
    system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), 0.3)
    psi = jw.coherent_state(grid, 0.3, 0.1, 0.3)

    def value(a, gradient):
        observe = lambda u: jnp.sum(jnp.sin(a * grid.axes[0]) * jnp.abs(u) ** 2)  # noqa: E731
        run = jw.evolve(
            system,
            psi,
            duration=0.8,
            steps=6,
            observe=observe,
            saves=3,
            gradient=gradient,
            throw=False,
        )
        return jnp.sum(SEEN[:4] * run.observed)

    one, other = (
        jax.jit(jax.grad(value), static_argnums=1)(1.1, g) for g in ("reversible", "checkpointed")
    )
    assert abs(one) > 1e-3 and abs(one - other) < 1e-12 * abs(one)


def test_integers_may_be_observed_beside_what_is_differentiated():
    grid = jw.Grid(-3.3, 3.5, 54)
    system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), 0.3)
    density = lambda u: jnp.abs(u) ** 2  # noqa: E731
    observe = {"where": lambda u: jnp.argmax(density(u)), "top": lambda u: jnp.max(density(u))}

    def value(q):
        psi = jw.coherent_state(grid, q, 0.1, 0.3)
        run = jw.evolve(system, psi, duration=0.8, steps=6, observe=observe, saves=3, throw=False)
        return jnp.sum(run.observed["top"]), run.observed["where"]

    gradient, where = jax.jit(jax.grad(value, has_aux=True))(0.3)
    assert (
        np.isfinite(gradient) and jnp.issubdtype(where.dtype, jnp.integer) and where.shape == (4,)
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["schrodinger", thorough("liouville")])
def test_hessian_vector_product(name):
    """Second derivatives by `gradient="checkpointed"`."""
    start = {key: parameters()[key] for key in ("centre", "momentum", "height", "mass")}
    value = lambda a: outcome(name, "checkpointed")(PARAMETERS | a)  # noqa: E731
    direction = {key: jnp.asarray(number) for key, number in zip(start, (0.3, -0.7, 0.5, 0.4))}
    gradient = jax.grad(value)
    _, product = jax.jit(lambda a, v: jax.jvp(gradient, (a,), (v,)))(start, direction)
    moves = ({k: start[k] + s * 1e-5 * direction[k] for k in start} for s in (1, -1))
    ahead, behind = map(jax.jit(gradient), moves)
    close(product, {k: (ahead[k] - behind[k]) / 2e-5 for k in start}, 1e-5)


@pytest.mark.parametrize("points", [64, thorough(65)])
@pytest.mark.parametrize("name", ["moyal", "liouville", slow("vlasov")])
def test_real_fields_at_the_edge_of_their_grid(name, points):
    """White noise on phase space: every flow is orthogonal, so that the way back finds it, and gradients are the plain ones.

    A real transform keeps the cosine of the phase of its alternating mode; what was lost there made gradients 1.5e-3 wrong in runs that
    the diagnostics accept (U = x⁴/10, 128 points).
    """
    phase = jw.PhaseGrid(jw.Grid(-5.0, 5.0, points), jw.Grid(-4.0, 4.0, points + 2))
    noise = jnp.asarray(np.random.default_rng(0).normal(size=phase.shape))

    def run(a, f, duration, gradient):
        quartic = lambda x: a * x**4  # noqa: E731
        system = {
            "moyal": lambda: jw.Moyal(phase, quartic, 0.5),
            "liouville": lambda: jw.Liouville(phase, quartic),
            "vlasov": lambda: jw.Vlasov(phase, jw.potentials.Gaussian(0.01, 1.0), quartic),
        }[name]()
        options = {"duration": duration, "steps": 12, "gradient": gradient, "throw": False}
        options |= {"method": "strang"}  # every flow is a program for every stage
        return jw.evolve(system, f, **options).state

    start = run(0.1, noise, 0.0, "reversible")
    there = run(0.1, start, 0.4, "reversible")
    np.testing.assert_allclose(run(0.1, there, -0.4, "reversible"), start, atol=1e-12)
    assert float(jnp.sum(there**2)) == pytest.approx(float(jnp.sum(start**2)), rel=1e-12)
    value = lambda a, gradient: jnp.sum(noise * run(a, start, 0.4, gradient) ** 2)  # noqa: E731
    slope = jax.jit(jax.grad(value), static_argnums=1)
    assert float(slope(0.1, "reversible")) == pytest.approx(
        float(slope(0.1, "checkpointed")), rel=1e-10
    )


def test_reversible_refuses_forward_mode():
    with pytest.raises(TypeError, match='`gradient` must be "forward" for forward-mode'):
        jax.jvp(lambda q: outcome("schrodinger")(parameters() | {"centre": q}), (0.4,), (1.0,))


def test_checkpointed_needs_known_steps():
    with pytest.raises(ValueError, match="Argument `steps` must be known"):
        jax.jit(lambda n: outcome("newton", "checkpointed", steps=n)(parameters()))(5)


def memory(name, steps, saves):
    """Bytes of temporaries of the compiled gradient; one observed number."""

    def value(a):
        system, state = problem(name, a)
        observe = functionals(name)["number"]
        run = jw.evolve(
            system, state, duration=0.8, steps=steps, saves=saves, observe=observe, throw=False
        )
        return jnp.sum(run.observed**2)

    compiled = jax.jit(jax.grad(value)).lower(parameters()).compile()
    return compiled.memory_analysis().temp_size_in_bytes


@pytest.mark.parametrize("name", ["schrodinger", thorough("moyal")])
def test_memory_does_not_grow_with_steps_or_saves(name):
    few = memory(name, 100, 2)
    assert memory(name, 1000, 2) == few
    # Only the diagnostics and the observed numbers of each time are more.
    assert memory(name, 1000, 50) <= few + 48 * 16 * 8


@pytest.mark.parametrize(
    "name", ["schrodinger", thorough("newton"), thorough("moyal"), thorough("liouville")]
)
def test_jit_vmap_and_loop_agree(name):
    """One batch over ħ (and the centre) against one run after the other; nothing is traced twice."""
    hbars, centres = jnp.array([0.3, 0.35, 0.42]), jnp.array([0.4, 0.1, -0.2])
    of = lambda h, q: outcome(name)(PARAMETERS | {"hbar": h, "centre": q})  # noqa: E731
    once = eqx.debug.assert_max_traces(jax.value_and_grad(of, argnums=(0, 1)), max_traces=1)
    batch = jax.jit(jax.vmap(jax.value_and_grad(of, argnums=(0, 1))))(hbars, centres)
    single = jax.jit(once)
    loop = [single(h, q) for h, q in zip(hbars, centres)]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *loop)
    for one, other in zip(jax.tree.leaves(batch), jax.tree.leaves(stacked)):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_eager_is_jitted():
    eager = outcome("newton")(parameters())
    np.testing.assert_allclose(eager, jax.jit(outcome("newton"))(parameters()), rtol=1e-12)
