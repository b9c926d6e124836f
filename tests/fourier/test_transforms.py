"""Our transforms are `jnp.fft`'s on one device: numbers, derivatives, compiled programs; several devices are in test_sharding.py."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner
from jaxwigner import fourier
from jaxwigner.fourier import transforms

RANDOM = np.random.default_rng(5)
REAL = jnp.asarray(RANDOM.normal(size=(4, 6, 10)))
COMPLEX = REAL + 1j * jnp.asarray(RANDOM.normal(size=(4, 6, 10)))
CASES = [
    ("fftn", COMPLEX, {}),
    ("fftn", REAL, {"axes": (1,)}),
    ("fftn", COMPLEX, {"axes": (2, 0), "s": (12, 3)}),
    ("ifftn", COMPLEX, {"axes": (0, -1)}),
    ("ifftn", COMPLEX, {"s": (8, 9)}),
    ("rfftn", REAL, {}),
    ("rfftn", REAL, {"axes": (0,)}),
    ("rfftn", REAL, {"axes": (1, 0), "s": (7, 9)}),
    ("irfftn", COMPLEX, {}),
    ("irfftn", COMPLEX, {"axes": (0, 1), "s": (5, 11)}),
    ("fft", COMPLEX, {"n": 12, "axis": 1}),
    ("ifft", COMPLEX, {"axis": 0}),
]


ROOMS = ("phase_space", "observables", "states", "quantum", "classical", "potentials", "engine")


def test_nobody_gathers():
    """`jnp.fft` copies its operand to every device; below `transport` nothing calls it."""
    house = Path(jaxwigner.__file__).parent
    files = [house / "grid.py", *(file for room in ROOMS for file in (house / room).rglob("*.py"))]
    assert len(files) > 50
    assert [file.name for file in files if "jnp.fft" in file.read_text()] == []


def both(name):
    return getattr(fourier, name), getattr(jnp.fft, name)


@pytest.mark.parametrize("name, x, how", CASES)
def test_numbers_are_those_of_numpy(name, x, how):
    ours, _ = both(name)
    if "axes" not in how and "s" in how:
        how = {**how, "axes": (1, 2)}
    expected = getattr(np.fft, name)(np.asarray(x), **how)
    np.testing.assert_allclose(ours(x, **how), expected, rtol=0, atol=1e-13 * expected.size)


@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn"])
def test_five_axes(name):
    x = RANDOM.normal(size=(2, 3, 4, 3, 5))
    x = x if name == "rfftn" else x + 1j * RANDOM.normal(size=x.shape)
    ours, _ = both(name)
    np.testing.assert_allclose(ours(x), getattr(np.fft, name)(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name, x, how", CASES)
def test_derivatives_are_those_of_jax(name, x, how):
    def value(transform):
        return lambda x: jnp.sum(jnp.abs(transform(x, **how)) ** 3)

    ours, theirs = map(value, both(name))
    np.testing.assert_allclose(jax.grad(ours)(x), jax.grad(theirs)(x), rtol=1e-12)
    step = (x,), (jnp.cos(x).astype(x.dtype),)
    np.testing.assert_allclose(jax.jvp(ours, *step)[1], jax.jvp(theirs, *step)[1], rtol=1e-12)


@pytest.mark.parametrize("length", [8, 9])
@pytest.mark.parametrize("name", ["rfftn", "irfftn"])
def test_transposes_of_real_transforms(name, length):
    """⟨b, Fx⟩ = ⟨Fᵀb, x⟩ without conjugation, for even and for odd lengths, against the transpose of a matrix."""
    entries = length if name == "rfftn" else length // 2 + 1
    x = jnp.asarray(RANDOM.normal(size=entries))
    x = x if name == "rfftn" else x + 0j
    transform = lambda x: getattr(fourier, name)(x, (length,))  # noqa: E731
    theirs = lambda x: getattr(jnp.fft, name)(x, (length,))  # noqa: E731
    bar = transform(x) * (2 - 0.5j if name == "rfftn" else 2)
    pull, expected = (jax.linear_transpose(f, x)(bar)[0] for f in (transform, theirs))
    np.testing.assert_allclose(pull, expected, atol=1e-13)


def test_a_batch_anywhere_is_a_batch():
    for axis in (0, 1, 2):
        ours, theirs = (jax.vmap(f, axis, axis)(COMPLEX) for f in both("fftn"))
        np.testing.assert_array_equal(ours, theirs)


def bare(text):
    """A compiled program without the numbers of its instructions and where they come from."""
    text = text[min(text.find(mark) for mark in ("\n%", "\nENTRY") if mark in text) :]
    return re.sub(r"\.\d+|, metadata=\{[^}]*\}|constant\(\{.*\}\)", "", text)


PROGRAMS = [
    lambda fft: lambda x: fft.ifftn(2 * fft.fftn(x)),
    lambda fft: lambda x: fft.irfftn(fft.rfftn(x.real, axes=(0, 1)), axes=(0, 1)),
    lambda fft: jax.vmap(lambda x: fft.fftn(x, axes=(1,)), 1, 1),
    lambda fft: jax.grad(lambda x: jnp.sum(abs(fft.fftn(x)))),
    lambda fft: jax.grad(lambda x: jnp.sum(fft.irfftn(x, axes=(0, 2)) ** 2)),
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_one_device_compiles_what_jax_compiles(program):
    texts = [
        bare(jax.jit(lambda x, f=program(fft): f(x)).lower(COMPLEX).compile().as_text())
        for fft in (fourier, jnp.fft)
    ]
    assert texts[0] == texts[1]


def test_what_is_lowered_for_cuda_is_one_transform():
    program = jax.jit(lambda x: fourier.ifftn(fourier.fftn(x)))
    text = jax.export.export(program, platforms=["cuda"])(COMPLEX).mlir_module()
    assert text.count("stablehlo.fft") == 2 and "custom_call" not in text


def test_an_eager_call_compiles_once():
    fourier.fftn(COMPLEX)
    with jax.log_compiles(False):
        before = transforms._eager._cache_size()
        fourier.fftn(2 * COMPLEX)
        assert transforms._eager._cache_size() == before > 0


def test_single_precision_stays():
    x = COMPLEX.astype(jnp.complex64)
    assert fourier.fftn(x).dtype == jnp.complex64
    assert fourier.rfftn(x.real).dtype == jnp.complex64
    assert fourier.irfftn(x).dtype == jnp.float32
