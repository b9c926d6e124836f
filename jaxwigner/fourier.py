"""Discrete Fourier transforms that stay where their arrays lie: `jnp.fft`'s numbers, on one device `jnp.fft`'s programs.

XLA gathers the operand of every FFT on every device. Here it keeps its sharding. An axis that is not transformed is a batch axis:
each device transforms its own part. An axis that is transformed has to be whole on a device once, and changes places with another
one by an all-to-all; a transform over several axes of complex numbers leaves the shards one axis further on,

    (x over devices, y) ──F──▶ (k_x, k_y over devices) ──F⁻¹──▶ (x over devices, y)

and its inverse brings them back: what is done in Fourier space is done there as it lies, and a pair of transforms moves every array
twice, which is the least that there is. Real transforms, and lengths that the devices do not divide, go there and back each time.

The transforms are one primitive, linear, with its rules for `vmap`, `grad` and `jvp`. On one device, and inside of `shard_map`, it
lowers to XLA's FFT and nothing else; on several to a call that XLA's partitioner asks for its part (`_partition`).
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
from jax.sharding import AbstractMesh, Mesh, NamedSharding, PartitionSpec
from jaxtyping import Complex, Float, Num

from jaxwigner._types import Array

KINDS = ("FFT", "IFFT", "RFFT", "IRFFT")
# The axes of the mesh that each axis of an array is divided over.
Spec = tuple[tuple[str, ...], ...]
AnyMesh = Mesh | AbstractMesh


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
    mesh = jax.sharding.get_abstract_mesh()
    program = _program(x.shape, np.dtype(x.dtype), kind, lengths, turn, mesh)
    return _fft_p.bind(x, kind=kind, lengths=lengths, turn=turn, program=program)


@functools.lru_cache(maxsize=1024)
def _program(shape, dtype, kind: str, lengths: tuple[int, ...], turn: int, mesh):
    """The transform as a call that the partitioner asks about; JAX looks into it for the devices that it needs to know.

    Compiled programs are kept by their text, in which the call is nameless: a number that nobody reads tells one kind from another.
    """
    call = custom_partitioning(lambda x, number: jax.lax.fft(x, kind, lengths))
    about = kind, lengths, turn
    call.def_partition(
        partition=functools.partial(_partition, *about),
        infer_sharding_from_operands=functools.partial(_infer, *about),
        sharding_rule=functools.partial(_rule, shape, *about),
    )
    number = np.int32(2 * KINDS.index(kind) + (turn > 0))
    return jax.make_jaxpr(lambda x: call(x, number))(jax.ShapeDtypeStruct(shape, dtype))


@functools.partial(jax.jit, static_argnames=("kind", "lengths", "turn"))
def _eager(x, kind, lengths, turn):
    return _bind(x, kind, lengths, turn)


def _abstract(x, *, kind, lengths, turn, program):
    """Shape and type; on a mesh of explicit axes the result lies where `_partition` leaves it."""
    (out,) = program.out_avals
    mesh, spec = _placed(x)
    if any(spec):
        after = _result_spec(kind, x.shape, lengths, turn, _supported(kind, spec), mesh)
        return x.update(shape=out.shape, dtype=out.dtype, sharding=_sharding(mesh, after))
    return x.update(shape=out.shape, dtype=out.dtype)


def _lower(ctx, *operands, **about):
    return mlir.lower_fun(jaxpr_as_fun(about["program"]), multiple_results=True)(ctx, *operands)


def _batch(operands, dims, *, kind, lengths, turn, program):
    return _bind(jnp.moveaxis(operands[0], dims[0], 0), kind, lengths, turn), 0


def _transpose(bar, x, *, kind, lengths, turn, program):
    """The transposed transform, whose shards go the other way; modes that a real one keeps once, and means twice, are weighted."""
    if kind in ("FFT", "IFFT"):
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


_fft_p.def_impl(lambda x, *, kind, lengths, turn, program: _eager(x, kind, lengths, turn))
_fft_p.def_abstract_eval(_abstract)
mlir.register_lowering(_fft_p, _lower)
batching.primitive_batchers[_fft_p] = _batch
ad.deflinear2(_fft_p, _transpose)


# --------------------------------------------------------------------------------------------------------------------
# On several devices


def _rule(shape, kind: str, lengths: tuple[int, ...], turn: int, mesh: AnyMesh, *types):
    """What Shardy may propagate, in its notation: axes by name, and of a complex transform the shards s_d of axis d to the next one.

    The s_d are major parts of both axes, of as many parts as the devices and both axes have in common.
    """
    rank, first = len(shape), len(shape) - len(lengths)
    left, right = [f"a{d}" for d in range(rank)], [f"a{d}" for d in range(rank)]
    sizes: dict[str, int] = {}
    parts = _common_parts(shape, first, turn, 1 if mesh.empty else mesh.size)
    if kind in ("RFFT", "IRFFT"):
        right[-1] = "half"
    elif min(parts) > 1:
        for d, count in zip(range(first, rank), parts):
            to = _next(d, first, rank, turn)
            left[d], sizes_left = _compound(f"s{d}", f"l{d}", count, shape[d])
            right[to], sizes_right = _compound(f"s{d}", f"r{to}", count, shape[to])
            sizes |= sizes_left | sizes_right
    return " ".join(left) + ", -> " + " ".join(right), sizes


def _common_parts(shape, first: int, turn: int, devices: int) -> list[int]:
    """For each transformed axis, into how many parts it and the next one can be divided."""
    rank = len(shape)
    if rank - first == 1:
        return [1]
    nexts = [_next(d, first, rank, turn) for d in range(first, rank)]
    return [math.gcd(devices, shape[d], shape[to]) for d, to in zip(range(first, rank), nexts)]


def _compound(major: str, minor: str, parts: int, size: int) -> tuple[str, dict[str, int]]:
    if parts == size:
        return major, {}
    return f"({major} {minor})", {major: parts, minor: size // parts}


def _next(d: int, first: int, rank: int, turn: int) -> int:
    return first + (d - first + turn) % (rank - first)


def _partition(kind: str, lengths: tuple[int, ...], turn: int, mesh: AnyMesh, operands, result):
    """What each device does with its part, and where operand and result lie for it."""
    operand = operands[0]
    mesh, spec = _placed(operand)
    spec = _supported(kind, spec)
    out = _result_spec(kind, operand.shape, lengths, turn, spec, mesh)
    local = functools.partial(_local, kind, operand.shape, lengths, turn, spec, mesh)
    return mesh, local, _sharding(mesh, out), (_sharding(mesh, spec), _sharding(mesh, ()))


def _infer(kind: str, lengths: tuple[int, ...], turn: int, mesh: AnyMesh, operands, result):
    mesh, spec = _placed(operands[0])
    shape, spec = operands[0].shape, _supported(kind, spec)
    return _sharding(mesh, _result_spec(kind, shape, lengths, turn, spec, mesh))


def _placed(operand: Any) -> tuple[AnyMesh, Spec]:
    """Mesh and spec of an operand; what lies on devices without a mesh counts as gathered."""
    sharding, rank = operand.sharding, len(operand.shape)
    if not isinstance(sharding, NamedSharding):
        devices = sorted(sharding.device_set, key=lambda device: device.id)
        return Mesh(np.array(devices), ("devices",)), ((),) * rank
    entries = (*sharding.spec, *(None,) * (rank - len(sharding.spec)))
    return sharding.mesh, tuple(_names(entry) for entry in entries)


def _names(entry: Any) -> tuple[str, ...]:
    if entry is None:
        return ()
    return tuple(entry) if isinstance(entry, (tuple, list)) else (entry,)


def _sharding(mesh: AnyMesh, spec: Spec) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec(*(names or None for names in spec)))


def _supported(kind: str, spec: Spec) -> Spec:
    """The last axis of a real transform is whole: its spectrum has another length."""
    return (*spec[:-1], ()) if kind in ("RFFT", "IRFFT") else spec


def _parts(mesh: AnyMesh, names: tuple[str, ...]) -> int:
    return math.prod(mesh.shape[name] for name in names)


def _turns(
    kind: str, shape, lengths: tuple[int, ...], turn: int, spec: Spec, mesh: AnyMesh
) -> bool:
    """Whether shards go on to the next axis: complex numbers, an axis that is whole to begin with, lengths that devices divide."""
    rank, first = len(shape), len(shape) - len(lengths)
    transformed = range(first, rank)
    if kind in ("RFFT", "IRFFT") or all(spec[d] for d in transformed):
        return False
    return all(
        shape[d] % _parts(mesh, spec[d]) == 0
        and shape[_next(d, first, rank, turn)] % _parts(mesh, spec[d]) == 0
        for d in transformed
    )


def _result_spec(
    kind: str, shape, lengths: tuple[int, ...], turn: int, spec: Spec, mesh: AnyMesh
) -> Spec:
    if not _turns(kind, shape, lengths, turn, spec, mesh):
        return spec
    rank, first = len(shape), len(shape) - len(lengths)
    out = list(spec)
    for d in range(first, rank):
        out[_next(d, first, rank, turn)] = spec[d]
    return tuple(out)


def _local(
    kind: str,
    shape,
    lengths: tuple[int, ...],
    turn: int,
    spec: Spec,
    mesh: AnyMesh,
    x: Array,
    number: Array,
) -> Array:
    """The part of one device: axes that are whole first (those of an inverse real transform last), each divided one by an exchange."""
    rank, first = len(shape), len(shape) - len(lengths)
    whole = [d for d in range(first, rank) if not spec[d]]
    divided = [d for d in range(first, rank) if spec[d]]
    plain = {"RFFT": "FFT", "IRFFT": "IFFT"}.get(kind, kind)
    along = lambda kind, x, dims: _along(kind, x, dims, [lengths[d - first] for d in dims])  # noqa: E731
    if kind != "IRFFT":
        x = along(kind, x, whole)
    if _turns(kind, shape, lengths, turn, spec, mesh):
        free = set(whole)
        while divided:
            d = next(d for d in divided if _next(d, first, rank, turn) in free)
            to = _next(d, first, rank, turn)
            x = jax.lax.all_to_all(x, spec[d], to, d, tiled=True)
            x = along(plain, x, [d])
            divided.remove(d)
            free = free - {to} | {d}
    for d in divided:
        x = _there_and_back(plain, x, d, shape[d], spec[d], _parts(mesh, spec[d]))
    return along(kind, x, whole) if kind == "IRFFT" else x


def _along(kind: str, x: Array, dims: list[int], lengths: list[int]) -> Array:
    """XLA's FFT over some axes of an array of one device."""
    if not dims:
        return x
    last = tuple(range(x.ndim - len(dims), x.ndim))
    return jnp.moveaxis(jax.lax.fft(jnp.moveaxis(x, dims, last), kind, tuple(lengths)), last, dims)


def _there_and_back(
    kind: str, x: Array, d: int, length: int, names: tuple[str, ...], parts: int
) -> Array:
    """A transform along a divided axis, which changes places with the longest other one and back; both padded to whole parts."""
    if x.ndim == 1:
        return _there_and_back(kind, x[:, None], 0, length, names, parts)[:, 0]
    other = max((axis for axis in range(x.ndim) if axis != d), key=lambda axis: x.shape[axis])
    size, share = x.shape[other], x.shape[d]
    x = _padded(x, other, -(-size // parts) * parts)
    x = jax.lax.all_to_all(x, names, other, d, tiled=True)
    x = _along(kind, jax.lax.slice_in_dim(x, 0, length, axis=d), [d], [length])
    x = jax.lax.all_to_all(_padded(x, d, share * parts), names, d, other, tiled=True)
    return jax.lax.slice_in_dim(x, 0, size, axis=other)


def _padded(x: Array, axis: int, length: int) -> Array:
    return jnp.pad(x, [(0, length - x.shape[axis] if i == axis else 0) for i in range(x.ndim)])
