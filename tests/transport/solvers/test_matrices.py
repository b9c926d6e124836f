"""Calls of LAPACK in one program wait for each other: two batched ones in flight can hang a CPU (read from the compiled program)."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.transport import gaussian_cost
from jaxwigner.transport.solvers.matrices import after

CALLED = r"(?:calls|body|condition|to_apply|true_computation|false_computation)=%?([\w.\-]+)"


def computations(text):
    """The computations of a compiled program: {name: [(instruction, its definition)]}, operands first."""
    found, name = {}, None
    for line in text.splitlines():
        head = re.match(r"^(ENTRY )?%?([\w.\-]+) .*\{$", line)
        instruction = re.match(r"^\s+(?:ROOT )?%?([\w.\-]+) = (.*)$", line)
        if head:
            name = head[2]
            found[name] = []
        elif instruction:
            found[name].append(instruction.groups())
    return found


def calls_and_unordered_pairs(text):
    """How many instructions call LAPACK, themselves or inside, and which two do not know each other's result."""
    program, calling = computations(text), {}

    def calls(definition):
        inner = re.findall(CALLED, definition)
        for group in re.findall(r"branch_computations=\{([^}]*)\}", definition):
            inner += [name.strip().lstrip("%") for name in group.split(",")]
        return 'custom_call_target="lapack' in definition or any(calling[n] for n in inner)

    count, pairs = 0, []
    for name, body in program.items():  # a computation comes before those that call it
        before, waiting = {}, []
        for instruction, definition in body:
            words = set(re.findall(r"%([\w.\-]+)", definition.split("metadata=")[0]))
            operands = words & before.keys()
            before[instruction] = operands.union(*(before[one] for one in operands))
            if calls(definition):
                pairs += [(one, instruction) for one in waiting if one not in before[instruction]]
                waiting.append(instruction)
        calling[name] = bool(waiting)
        count += len(waiting)
    return count, pairs


def read(function, *arguments):
    return calls_and_unordered_pairs(jax.jit(function).lower(*arguments).compile().as_text())


BATCH = jnp.asarray(np.random.default_rng(0).normal(size=(2, 3, 4, 4)))


def test_independent_calls_are_seen_and_ordered_ones_are_not():
    spectra = lambda A, B: jnp.linalg.eigvalsh(A).sum() + jnp.linalg.cholesky(B).sum()  # noqa: E731
    count, pairs = read(spectra, *BATCH)
    assert count == 2 and len(pairs) == 1

    def ordered(A, B):
        values = jnp.linalg.eigvalsh(A)
        return values.sum() + jnp.linalg.cholesky(after(values, B)).sum()

    assert read(ordered, *BATCH) == (2, [])
    later = after(BATCH[0] * jnp.nan, BATCH[1])
    assert np.array_equal(later, BATCH[1])  # nothing is added, whatever the first one is
    assert np.array_equal(jax.grad(lambda A: after(A, BATCH[1]).sum())(BATCH[0]), 0 * BATCH[0])


def cost(z, method, kind):
    p = jw.Particles(jnp.full(5, 0.2), z[:, :1], z[:, 1:])
    if kind == "gaussian":
        p = jw.Gaussian(z[0], jnp.array([[0.3, 0.1], [0.1, 0.2]]))
    mu = jw.Particles([0.5, 0.25, 0.25], [0.0, 1.0, 0.5], [0.0, 0.5, -1.0])
    R, options = jw.ToeplitzState(mu, 0.25), {"rank": 3, "method": method}
    first = jw.semiquantum(p, R, **options)
    return (
        jw.semiquantum(p, R, **options, warm_start=first).cost.centre
        if kind == "warm"
        else first.cost.centre
    )


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        *(("gaussian", method) for method in ("interior_point", "smoothed_dual")),
        pytest.param("cold", "interior_point", marks=pytest.mark.slow),
        pytest.param("warm", "smoothed_dual", marks=pytest.mark.slow),
        pytest.param("cold", "smoothed_dual", marks=pytest.mark.nightly),
        pytest.param("warm", "interior_point", marks=pytest.mark.nightly),
    ],
)
def test_programs_of_the_semiquantum_cost(kind, method):
    """Batches of values and gradients, where every call is a batched one."""
    z = jnp.asarray(np.random.default_rng(1).normal(size=(2, 5, 2)))
    one = lambda z: cost(z, method, kind)  # noqa: E731
    value = jax.value_and_grad(one) if kind == "cold" else one
    count, pairs = read(jax.vmap(value), z)
    assert count > 6 and not pairs


@pytest.mark.parametrize("distance", ["quantum", "classical", "plan"])
def test_programs_between_gaussians(distance):
    """Batches of bounds with their gradients, and of plans with their potentials."""
    roots = jnp.asarray(np.random.default_rng(2).normal(size=(2, 2, 2, 2)))

    def measured(root, other):
        p, q = (jw.Gaussian(A[0], A @ A.T + 0.2 * jnp.eye(2)) for A in (root, other))
        if distance == "plan":
            result = jw.monge_kantorovich(p, q, plan=True)
            return result.plan, result.potentials
        bracket = gaussian_cost(p, q, 0.3) if distance == "quantum" else jw.monge_kantorovich(p, q)
        return bracket.centre

    batched = jax.vmap(measured if distance == "plan" else jax.value_and_grad(measured))
    count, pairs = read(batched, *roots)
    assert count > 1 and not pairs
