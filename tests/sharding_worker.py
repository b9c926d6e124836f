"""What the tests of several devices run in processes of their own: programs on 4 devices, and one grid over two processes.

`batches` and `grids` print a line of JSON for each case that is named: the largest difference from one device, what the compiled
program holds of collectives, and the shapes of its FFTs.
"""

import json
import math
import re
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

import jaxwigner as jw
from jaxwigner import fourier

jax.config.update("jax_enable_x64", True)

BATCH = 20  # no other length of these programs, nor is a quarter of it
BYTES = {"c128": 16, "f64": 8, "c64": 8, "f32": 4}
LINE = jw.Grid(-8.0, 8.0, 64)
PLANE = jw.Grid((-6.0, -5.5), (6.0, 5.5), (32, 24))
SPACE = jw.Grid((-5.0,) * 3, (5.0,) * 3, (16, 8, 12))
PHASE = jw.PhaseGrid(jw.Grid(-6.0, 6.0, 32), jw.Grid(-5.0, 5.0, 48))
PLACES = np.linspace(-1.0, 1.0, BATCH)


def mesh(*shape):
    names = ("a", "b")[: len(shape)]
    return jax.make_mesh(shape, names, axis_types=(AxisType.Auto,) * len(shape))


def evolved(system, state, **more):
    return jw.evolve(system, state, duration=0.5, steps=4, throw=False, **more)


def ends(run):
    return run.state, run.diagnostics.energy


def bump(*x):
    return jnp.exp(-0.5 * sum(a**2 for a in x))


def well(strength, d=1):
    """Σ ½x² + x⁴/20 in d dimensions."""
    one = lambda a: strength * (0.5 * a**2 + 0.05 * a**4)  # noqa: E731
    return (one, lambda x, y: one(x) + one(y), lambda x, y, z: one(x) + one(y) + one(z))[d - 1]


def packet(grid, place):
    d = grid.dimension
    return jw.coherent_state(grid, (place,) + (0.1,) * (d - 1), (0.3,) * d, 0.5)


def density(place):
    (x,), (p,) = PHASE.mesh
    return jnp.exp(-((x - place) ** 2) - 2 * p**2)


def mean(grid):
    """⟨x₁⟩ of a state, or ∫xf of a density."""
    if isinstance(grid, jw.Grid):
        return lambda psi: jw.observables.mean_position(psi, grid)[0]
    return lambda f: jnp.sum(grid.mesh[0][0] * f) * grid.cell


def systems(strength=1.0):
    return {
        "line": (jw.Schrodinger(LINE, well(strength), 0.5), LINE),
        "plane": (jw.Schrodinger(PLANE, well(strength, 2), 0.5), PLANE),
        "moyal": (jw.Moyal(PHASE, well(strength), 0.5), PHASE),
        "hartree": (jw.Hartree(LINE, bump, 0.5, well(strength)), LINE),
        "vlasov": (jw.Vlasov(PHASE, bump, well(strength)), PHASE),
    }


def batch_cases():
    """Name → (function of one member, the batch); a step of one stage, since batches stay apart in each stage or in none."""
    psi = jax.vmap(lambda q: packet(LINE, q))(PLACES)
    states = {"line": psi, "hartree": psi}
    states["plane"] = jax.vmap(lambda q: packet(PLANE, q))(PLACES)
    states["moyal"] = states["vlasov"] = jax.vmap(density)(PLACES)
    for name, (system, grid) in systems().items():
        run = lambda u, system=system: evolved(system, u, method="strang")  # noqa: E731
        yield name, lambda u, run=run: ends(run(u)), states[name]
        value = lambda u, run=run, grid=grid: mean(grid)(run(u).state)  # noqa: E731
        yield f"{name}, gradient", jax.grad(value), states[name]
    for name in ("line", "moyal"):

        def sensitive(strength, name=name):
            system, grid = systems(strength)[name]
            return mean(grid)(evolved(system, states[name][3], method="strang").state)

        yield f"{name}, gradient of a parameter", jax.grad(sensitive), 1 + 0.1 * PLACES
    natural = jw.phase_grid(LINE, 0.5)
    yield "wigner", lambda u: jw.wigner(u, LINE, natural, 0.5), psi
    yield "wigner of a window", lambda u: jw.wigner(u, LINE, PHASE, 0.5), psi
    yield "husimi", lambda u: jw.husimi(u, LINE, natural, 0.5), psi
    yield "husimi of a window", lambda u: jw.husimi(u, LINE, PHASE, 0.5), psi
    yield (
        "wigner, gradient",
        jax.grad(lambda u: jnp.sum(jw.wigner(u, LINE, natural, 0.5) ** 3)),
        psi,
    )


def grid_cases():
    """Name → (function, state, mesh, spec)."""
    slabs, pencils = mesh(4), mesh(2, 2)
    flat, solid = (jw.Schrodinger(grid, well(1.0, grid.dimension), 0.5) for grid in (PLANE, SPACE))
    psi, cube = packet(PLANE, 0.5), packet(SPACE, 0.5)
    of_plane = lambda u: evolved(flat, u).state  # noqa: E731
    of_space = lambda u: evolved(solid, u).state  # noqa: E731
    yield "plane", of_plane, psi, jw.grid_sharding(PLANE, slabs)
    yield "plane, second axis", of_plane, psi, NamedSharding(slabs, P(None, "a"))
    yield "space", of_space, cube, jw.grid_sharding(SPACE, slabs)
    yield "space, pencils", of_space, cube, jw.grid_sharding(SPACE, pencils)
    yield "space, last axes", of_space, cube, NamedSharding(pencils, P(None, "a", "b"))
    explicit = jax.make_mesh((4,), ("a",))
    yield "space, explicit axes", of_space, cube, jw.grid_sharding(SPACE, explicit)
    yield (
        "diagnostics",
        lambda u: tuple(evolved(solid, u).diagnostics.worst().values()),
        cube,
        jw.grid_sharding(SPACE, slabs),
    )
    for name, system, state in (("plane", flat, psi), ("space", solid, cube)):
        value = lambda u, system=system: mean(system.grid)(evolved(system, u).state)  # noqa: E731
        yield f"{name}, gradient", jax.grad(value), state, jw.grid_sharding(system.grid, slabs)

    def sensitive(strength, u):
        return mean(SPACE)(evolved(jw.Schrodinger(SPACE, well(strength, 3), 0.5), u).state)

    both = lambda u: jax.value_and_grad(sensitive)(1.1, u)  # noqa: E731
    yield "space, gradient of a parameter", both, cube, jw.grid_sharding(SPACE, pencils)
    hartree = jw.Hartree(PLANE, bump, 0.5)
    yield "hartree", lambda u: evolved(hartree, u).state, psi, jw.grid_sharding(PLANE, slabs)
    batch = jax.vmap(lambda q: packet(PLANE, q))(PLACES)
    yield "batch and plane", jax.vmap(of_plane), batch, NamedSharding(pencils, P("a", "b"))
    yield "not divided", fourier_pair, jnp.asarray(ODD), NamedSharding(slabs, P("a"))
    yield "real, not divided", real_pair, jnp.asarray(ODD.real), NamedSharding(slabs, P("a"))
    cut = NamedSharding(slabs, P("a"))
    yield "one axis", fourier_pair, cube[:, 0, 0], cut
    middle = NamedSharding(slabs, P(None, "a"))
    yield "real, middle axis", lambda u: fourier.rfftn(u, (20, 8, 12)), jnp.real(cube), middle


ODD = np.random.default_rng(3).normal(size=(8, 15, 2)) @ np.array([1.0, 1j])


def fourier_pair(u):
    weights = jnp.arange(u.shape[-1]).reshape((1,) * (u.ndim - 1) + (-1,))
    return fourier.ifftn(fourier.fftn(u) * weights)


def real_pair(u):
    return fourier.irfftn(fourier.rfftn(u) * jnp.arange(8.0)[None], s=u.shape)


def report(name, function, state, sharding):
    """Compare with one device, and read the compiled program."""
    program = jax.jit(function)
    alone = program.lower(state).compile()
    expected = jax.tree.leaves(alone(state))
    placed = jax.device_put(state, sharding)
    compiled = program.lower(placed).compile()
    found = jax.tree.leaves(compiled(placed))
    gaps = [np.max(np.abs(np.asarray(a) - np.asarray(b))) for a, b in zip(expected, found)]
    text = compiled.as_text()
    line = {
        "name": name,
        "gap": float(max(gaps)),
        "memory": memory(compiled) / max(memory(alone), 1),
        "gathers": len(re.findall(r" all-gather(?:-start)?\(", text)),
        "exchanged": exchanged(text),
        "share": state.nbytes // 4,
        "transforms": [
            [int(n) for n in s.split(",")] for s in re.findall(r"= \w+\[([\d,]+)\]\S* fft\(", text)
        ],
    }
    print(json.dumps(line), flush=True)


def memory(program):
    return program.memory_analysis().temp_size_in_bytes


def exchanged(text):
    """Bytes of the operands of each all-to-all, on each device."""
    found = []
    for result in re.findall(r"= (.*?) all-to-all\(", text):
        arrays = re.findall(r"(\w+)\[([\d,]*)\]", result)
        found.append(sum(BYTES[t] * math.prod(map(int, s.split(","))) for t, s in arrays))
    return found


def batches(*names):
    sharding = NamedSharding(mesh(4), P("a"))
    for name, function, batch in batch_cases():
        if name in names:
            report(name, jax.vmap(function), batch, sharding)


def grids(*names):
    for case in grid_cases():
        if case[0] in names:
            report(*case)


def others():
    """The names of all cases, and what is small."""
    for name, every in (("batches", batch_cases), ("grids", grid_cases)):
        print(json.dumps({"name": name, "names": [case[0] for case in every()]}))
    print(json.dumps({"name": "kept", "texts": kept()}))
    print(json.dumps({"name": "wrong", "said": list(wrong())}))


def kept():
    """The texts of transforms of different kinds on 4 devices, without the addresses in them."""
    x = jax.device_put(jnp.ones((8, 12), complex), NamedSharding(mesh(4), P("a")))
    texts = [jax.jit(f).lower(x).as_text() for f in (fourier.fftn, fourier.ifftn)]
    return [re.sub(r'backend_config = "\d+"', "", text) for text in texts]


def wrong():
    """What is said of states on 4 devices that cannot be right."""
    sharding = jw.grid_sharding(PLANE, mesh(4))
    for state in (jnp.full(PLANE.shape, jnp.nan), jnp.ones((32, 20))):
        try:
            evolved(systems()["plane"][0], jax.device_put(state, sharding))
        except ValueError as error:
            yield str(error)


def pair():
    """One grid over the devices of all processes that a scheduler has started."""
    jax.distributed.initialize()
    system, everything = jw.Schrodinger(PLANE, well(1.0, 2), 0.5), mesh(jax.device_count())
    make = jax.jit(lambda: packet(PLANE, 0.5), out_shardings=jw.grid_sharding(PLANE, everything))
    run = evolved(system, make())
    expected = np.asarray(evolved(system, np.asarray(packet(PLANE, 0.5))).state)
    shards = run.state.addressable_shards
    gaps = [np.max(np.abs(np.asarray(shard.data) - expected[shard.index])) for shard in shards]
    said = {"processes": jax.process_count(), "devices": jax.device_count(), "shards": len(shards)}
    print(
        json.dumps({**said, "gap": float(max(gaps)), "lost": float(np.ptp(run.diagnostics.norm))})
    )


if __name__ == "__main__":
    {"batches": batches, "grids": grids, "others": others, "pair": pair}[sys.argv[1]](*sys.argv[2:])
