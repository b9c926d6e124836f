"""Many particles: the Vlasov equation through a mesh, and N bodies by pairs and through a mesh."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp

import jaxwigner as jw
from benchmarks.device.place import Place, bytes_of, timed
from benchmarks.report import Row


def vlasov(place: Place) -> Iterator[Row]:
    """Strang steps of a cloud whose force is read off a mesh."""
    count, steps = place.size((10_000_000, 20), (20_000, 4))
    yield _steps(
        place, "Vlasov", count, steps, jw.VlasovParticles(pair(), mesh=mesh()), cloud(count)
    )


def many(place: Place) -> Iterator[Row]:
    """One configuration of N bodies; all pairs, then the mesh."""
    count, steps = place.size((100_000, 4), (500, 4))
    x, p = (jax.random.normal(jax.random.key(seed), (1, count)) for seed in (1, 2))
    state = jw.Particles(jnp.ones(1), x, p)
    pairs = jw.ManyBodyNewton(pair(), count)
    yield _steps(place, "N bodies, all pairs", count, steps, pairs, state, per_pair=True)
    through = jw.ManyBodyNewton(pair(), count, mesh=mesh())
    yield _steps(place, "N bodies, mesh", count, 5 * steps, through, state)


def pair() -> jw.potentials.Potential:
    return jw.potentials.Gaussian(1.0, 1.0)


def mesh() -> jw.Grid:
    return jw.Grid(-12.0, 12.0, 512)


def cloud(count: int) -> jw.Particles:
    """Equal weights, normal places and momenta, made where they are used."""
    x, p = (jax.random.normal(jax.random.key(seed), (count, 1)) for seed in (1, 2))
    return jw.Particles(jnp.full(count, 1 / count), x, p)


def _steps(place, name, count, steps, system, state, per_pair=False) -> Row:
    """Seconds a step: the run's own diagnostics are in them."""
    how = {"duration": 0.01 * steps, "steps": steps, "method": "strang", "throw": False}
    how["gradient"] = "forward"
    move = lambda system, state: jw.evolve(system, state, **how).state  # noqa: E731
    seconds, program = timed(move, system, state, repeats=1)
    work = count**2 if per_pair else count
    unit = "pairs" if per_pair else "particle steps"
    return Row(
        name,
        f"{name}, {count}: seconds a step",
        seconds / steps,
        unit="s",
        compile_seconds=program.compile_seconds,
        note=f"{steps} steps, {work * steps / seconds:.3g} {unit} a second",
        program_bytes=bytes_of(program),
    )
