"""Discrete Fourier transforms that stay where their arrays lie: `jnp.fft`'s numbers, on one device `jnp.fft`'s programs.

XLA gathers the operand of every FFT on every device. Here it keeps its sharding. An axis that is not transformed is a batch axis:
each device transforms its own part. An axis that is transformed has to be whole on a device once, and changes places with another
one by an all-to-all; a transform over several axes of complex numbers leaves the shards one axis further on,

    (x over devices, y) ──F──▶ (k_x, k_y over devices) ──F⁻¹──▶ (x over devices, y)

and its inverse brings them back: what is done in Fourier space is done there as it lies, and a pair of transforms moves every array
twice, which is the least that there is. Real transforms, and lengths that the devices do not divide, go there and back each time.

The transforms are one primitive, linear, with its rules for `vmap`, `grad` and `jvp`. On one device, and inside of `shard_map`, it
lowers to XLA's FFT and nothing else; on several to a call about which XLA's partitioner asks `fourier_shards.py`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental.custom_partitioning import custom_partitioning
from jax.extend.core import Primitive, jaxpr_as_fun
from jax.interpreters import ad, batching, mlir
from jaxtyping import Complex, Float, Num

from jaxwigner._types import Array
from jaxwigner.fourier.shards import Transform, partition, placed, result_sharding, rule

KINDS = ("FFT", "IFFT", "RFFT", "IRFFT")


def fftn(
    x: Num[Array, "*shape"], s: Sequence[int] | None = None, axes: Sequence[int] | None = None
) -> Complex[Array, "*spectrum"]:
    """Σ_j x_j e^{−ik·x_j} over `axes` (default: all), as `jnp.fft.fftn` has it; `s`: lengths that they are padded or cut to.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.fourier import fftn, ifftn
    >>> x = jnp.arange(12.0).reshape(3, 4)
    >>> bool(jnp.array_equal(fftn(x), jnp.fft.fftn(x))), bool(jnp.allclose(ifftn(fftn(x)), x))
    (True, True)
    """
    return _transform("FFT", x, s, axes)


def ifftn(
    x: Num[Array, "*spectrum"], s: Sequence[int] | None = None, axes: Sequence[int] | None = None
) -> Complex[Array, "*shape"]:
    """The inverse of `fftn`, with 1/n."""
    return _transform("IFFT", x, s, axes)


def rfftn(
    x: Float[Array, "*shape"], s: Sequence[int] | None = None, axes: Sequence[int] | None = None
) -> Complex[Array, "*spectrum"]:
    """`fftn` of a real array; of the last axis only the n//2 + 1 wavenumbers ≥ 0."""
    return _transform("RFFT", x, s, axes)


def irfftn(
    x: Complex[Array, "*spectrum"],
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
) -> Float[Array, "*shape"]:
    """The inverse of `rfftn`; `s`: the lengths of the real array, of which the last is even if it is not given."""
    return _transform("IRFFT", x, s, axes)


def fft(
    x: Num[Array, "*shape"], n: int | None = None, axis: int = -1
) -> Complex[Array, "*spectrum"]:
    """`fftn` over one axis."""
    return fftn(x, None if n is None else (n,), (axis,))


def ifft(
    x: Num[Array, "*spectrum"], n: int | None = None, axis: int = -1
) -> Complex[Array, "*shape"]:
    """`ifftn` over one axis."""
    return ifftn(x, None if n is None else (n,), (axis,))


def _transform(kind: str, x: Any, s: Sequence[int] | None, axes: Sequence[int] | None) -> Array:
    """XLA transforms the last axes, three at most: these come last, and go back."""
    x = jnp.asarray(x)
    where = tuple(range(x.ndim)) if axes is None else tuple(axis % x.ndim for axis in axes)
    if axes is None and s is not None:
        where = where[x.ndim - len(s) :]
    last = tuple(range(x.ndim - len(where), x.ndim))
    x = jnp.moveaxis(x, where, last)
    lengths = _lengths(kind, x.shape[x.ndim - len(where) :], s)
    if s is not None:
        x = _resized(x, (*lengths[:-1], _kept(kind, lengths[-1])))
    x = _typed(kind, x)
    return jnp.moveaxis(_over_last(kind, x, lengths), last, where)


def _lengths(kind: str, shape: Sequence[int], s: Sequence[int] | None) -> tuple[int, ...]:
    if s is not None:
        return tuple(int(n) for n in s)
    return (*shape[:-1], 2 * (shape[-1] - 1)) if kind == "IRFFT" else tuple(shape)


def _kept(kind: str, length: int) -> int:
    """Entries of the operand along the last axis."""
    return length // 2 + 1 if kind == "IRFFT" else length


def _resized(x: Array, lengths: Sequence[int]) -> Array:
    whole = (*x.shape[: x.ndim - len(lengths)], *lengths)
    x = x[tuple(slice(n) for n in whole)]
    return jnp.pad(x, [(0, n - m) for n, m in zip(whole, x.shape)])


def _typed(kind: str, x: Array) -> Array:
    if kind == "RFFT":
        return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(float)
    return x if jnp.iscomplexobj(x) else x.astype(jnp.result_type(x.dtype, jnp.complex64))


def _over_last(kind: str, x: Array, lengths: tuple[int, ...]) -> Array:
    """A transform over more than three axes is one over the last two or three after, or before, one over the others."""
    if not lengths:
        return x
    if len(lengths) <= 3:
        return _bind(x, kind, lengths, -1 if kind.startswith("I") else 1)
    few = 2 if len(lengths) == 4 else 3
    first = tuple(range(x.ndim - len(lengths), x.ndim - few))
    to = tuple(range(x.ndim - len(lengths) + few, x.ndim))
    rest, inner = lengths[:-few], lengths[-few:]
    if not kind.startswith("I"):
        x = jnp.moveaxis(_over_last(kind, x, inner), first, to)
        return jnp.moveaxis(_over_last("FFT", x, rest), to, first)
    x = _over_last("IFFT", jnp.moveaxis(x, first, to), rest)
    return _over_last(kind, jnp.moveaxis(x, to, first), inner)


# --------------------------------------------------------------------------------------------------------------------
# The primitive

_fft_p = Primitive("fourier")


def _bind(x: Array, kind: str, lengths: tuple[int, ...], turn: int) -> Array:
    """`turn`: whether the shards of a complex transform go one axis further on (1) or back (−1)."""
    transform = Transform(kind, x.shape, lengths, turn)
    program = _program(transform, np.dtype(x.dtype), jax.sharding.get_abstract_mesh())
    return _fft_p.bind(x, transform=transform, program=program)


@functools.lru_cache(maxsize=1024)
def _program(transform: Transform, dtype: np.dtype, mesh: Any):
    """The transform as a call that the partitioner asks about, for the mesh in whose context it is traced.

    Compiled programs are kept by their text, in which the call is nameless: a number that nobody reads tells one kind from another.
    """
    kind, lengths = transform.kind, transform.lengths
    call = custom_partitioning(lambda x, number: _on_one_device(x, kind, lengths))
    call.def_partition(
        partition=functools.partial(partition, transform),
        infer_sharding_from_operands=functools.partial(result_sharding, transform),
        sharding_rule=functools.partial(rule, transform),
    )
    number = np.int32(2 * KINDS.index(kind) + (transform.turn > 0))
    return jax.make_jaxpr(lambda x: call(x, number))(jax.ShapeDtypeStruct(transform.shape, dtype))


def _on_one_device(x: Array, kind: str, lengths: tuple[int, ...]) -> Array:
    """XLA's transform. The 1/n of an inverse is a pass of its own on CUDA; a forward one between conjugates is fused with products."""
    plain = functools.partial(jax.lax.fft, fft_type=kind, fft_lengths=lengths)
    if kind != "IFFT":
        return plain(x)
    by_forward = lambda x: jnp.conj(jax.lax.fft(jnp.conj(x), "FFT", lengths)) / math.prod(lengths)  # noqa: E731
    return jax.lax.platform_dependent(x, cuda=by_forward, default=plain)


@functools.partial(jax.jit, static_argnames=("kind", "lengths", "turn"))
def _eager(x, kind, lengths, turn):
    return _bind(x, kind, lengths, turn)


def _abstract(x, *, transform, program):
    """Shape and type; on a mesh of explicit axes the result lies where `partition` leaves it."""
    (out,) = program.out_avals
    mesh, spec = placed(x)
    if any(spec):
        sharding = result_sharding(transform, mesh, (x,), out)
        return x.update(shape=out.shape, dtype=out.dtype, sharding=sharding)
    return x.update(shape=out.shape, dtype=out.dtype)


def _lower(ctx, *operands, **about):
    return mlir.lower_fun(jaxpr_as_fun(about["program"]), multiple_results=True)(ctx, *operands)


def _batch(operands, dims, *, transform, program):
    x = jnp.moveaxis(operands[0], dims[0], 0)
    return _bind(x, transform.kind, transform.lengths, transform.turn), 0


def _transpose(bar, x, *, transform, program):
    """The transposed transform, whose shards go the other way; modes that a real one keeps once, and means twice, are weighted."""
    kind, lengths, turn = transform.kind, transform.lengths, transform.turn
    if not transform.real:
        return (_bind(bar, kind, lengths, -turn),)
    weights = _weights(lengths[-1], bar.dtype, bar.ndim)
    count = math.prod(lengths)
    if kind == "RFFT":
        return (count * _bind(jnp.conj(bar) / weights, "IRFFT", lengths, -turn),)
    return (jnp.conj(1 / count * weights * _bind(bar, "RFFT", lengths, -turn)),)


def _weights(n: int, dtype, rank: int) -> Array:
    """2 for the modes that stand for their conjugates too, 1 for those that have none; along the last of so many axes."""
    alone = (0, n // 2) if n % 2 == 0 else (0,)
    weights = np.where(np.isin(np.arange(n // 2 + 1), alone), 1.0, 2.0)
    return jnp.asarray(weights.reshape((1,) * (rank - 1) + (-1,)), dtype)


def _apply(x, *, transform, program):
    return _eager(x, transform.kind, transform.lengths, transform.turn)


_fft_p.def_impl(_apply)
_fft_p.def_abstract_eval(_abstract)
mlir.register_lowering(_fft_p, _lower)
batching.primitive_batchers[_fft_p] = _batch
ad.deflinear2(_fft_p, _transpose)
