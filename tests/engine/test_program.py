"""The loop over steps, read from the compiled program: what an accelerator would run between two transforms."""

import re

import jax
import jax.numpy as jnp
import pytest

import jaxwigner as jw

HBAR = 0.1
SCALARS = re.compile(r"(s64|s32|pred|f64)\[\]")


def wave(points):
    ends = (-4.0,) * len(points), (4.0,) * len(points)
    return jw.Schrodinger(jw.Grid(*ends, points), lambda *x: 0.5 * sum(q**2 for q in x), HBAR)


SIZES = {
    "64 × 1024": (wave((1024,)), (64, 1024)),
    "512²": (wave((512, 512)), (512, 512)),
}


def text_of(size, method, steps, value=lambda state: state, over=False):
    """The optimised program of a run, or of the gradient with respect to the strength of U."""
    system, shape = SIZES[size]

    def run(a, u):
        stronger = jw.Schrodinger(system.grid, lambda *x: a * sum(q**2 for q in x), HBAR)
        options = {"duration": 1.0, "steps": steps, "method": method, "throw": False}
        go = lambda u: jw.evolve(stronger, u, **options).state  # noqa: E731
        return value(jax.vmap(go)(u) if len(shape) > system.grid.dimension else go(u))

    program = jax.grad(run) if over else run
    lowered = jax.jit(program).lower(0.5, jax.ShapeDtypeStruct(shape, complex))
    return lowered.compile().as_text()


def bodies(text):
    """The operations of every loop's body, with the names of what they call."""
    found = []
    for name in re.findall(r" while\(.*?body=%?([\w.\-]+)", text):
        lines = re.search(rf"^%?{re.escape(name)} .*?\{{\n(.*?)^\}}", text, re.M | re.S)[1]
        found.append(lines.splitlines())
    return found


def work(body):
    """Operations of a body on arrays: not its counter, constants and tuples."""
    rows = [line.split(" = ", 1)[1] for line in body if " = " in line]
    made = [
        row
        for row in rows
        if not re.search(r" (constant|tuple|parameter|bitcast|get-tuple-element)\(", row)
    ]
    return [re.search(r" ([\w\-]+)\(", row)[1] for row in made if not SCALARS.match(row)]


@pytest.mark.parametrize("steps", [60, 97, 100])
@pytest.mark.parametrize("method", ["strang", "blanes-moan-4"])
@pytest.mark.parametrize("size", SIZES)
def test_a_stage_is_two_transforms_and_two_products(size, method, steps):
    text = text_of(size, method, steps)
    loops = re.findall(r"^.* while\(.*$", text, re.M)
    assert loops and all("known_trip_count" in line for line in loops)
    assert " conditional(" not in text and "dynamic" not in text.replace("dynamic_variable", "")
    stages = jw.METHODS[method].stages
    inner = [work(body) for body in bodies(text) if not any(" while(" in row for row in body)]
    assert inner
    for body in inner:
        assert body.count("fft") == 2 * stages
        assert len(body) == 4 * stages, body


@pytest.mark.parametrize("method", ["strang", "blanes-moan-4"])
def test_the_gradient_shares_its_transforms(method):
    """Back through a stage the state and its costate go through one pair of transforms."""
    text = text_of("512²", method, 100, lambda u: jnp.sum(jnp.abs(u[:, :7]) ** 2), over=True)
    assert " conditional(" not in text and "dynamic-slice" not in text and "gather(" not in text
    stages = jw.METHODS[method].stages
    inner = [work(body) for body in bodies(text) if not any(" while(" in row for row in body)]
    assert sorted(body.count("fft") for body in inner) == [2 * stages] * 2
    back = re.findall(r"c128\[2,512,512\]\S* fft\(", text)
    assert len(back) >= 2 * stages
