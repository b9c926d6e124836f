"""A Fourier transform on several devices: how its operand and its result lie, and what each device does with its part.

An axis that is transformed has to be whole on a device once: it changes places with another axis by an all-to-all. A transform of
complex numbers over several axes leaves its shards one axis further on, and its inverse brings them back; real transforms, and lengths
that the devices do not divide, go there and back each time.

XLA's partitioner asks twice: `rule` says how shardings propagate through the transform, `partition` what is done with those it chose.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AbstractMesh, Mesh, NamedSharding, PartitionSpec

from jaxwigner._types import Array

# The axes of the mesh that each axis of an array is divided over.
Spec = tuple[tuple[str, ...], ...]
AnyMesh = Mesh | AbstractMesh


@dataclass(frozen=True)
class Transform:
    """A transform over the last axes of an array of `shape`.

    `kind` is XLA's: FFT, IFFT, RFFT, IRFFT; `lengths` are those of the array that is not transformed; `turn` says whether the shards of
    a complex one go an axis further on (1) or back (−1).
    """

    kind: str
    shape: tuple[int, ...]
    lengths: tuple[int, ...]
    turn: int

    @property
    def real(self) -> bool:
        """Whether one side is real: the last axis then has another length on the other."""
        return self.kind in ("RFFT", "IRFFT")

    @property
    def axes(self) -> range:
        """The axes that are transformed."""
        return range(len(self.shape) - len(self.lengths), len(self.shape))

    def next(self, axis: int) -> int:
        """The axis at which the shards of this one arrive."""
        return self.axes[(axis - self.axes.start + self.turn) % len(self.axes)]

    def along(self, kind: str, x: Array, axes: Sequence[int]) -> Array:
        """XLA's transform over some of the axes, of an array on one device."""
        if not axes:
            return x
        last = tuple(range(x.ndim - len(axes), x.ndim))
        lengths = tuple(self.lengths[axis - self.axes.start] for axis in axes)
        x = jax.lax.fft(jnp.moveaxis(x, axes, last), kind, lengths)
        return jnp.moveaxis(x, last, axes)


def rule(transform: Transform, mesh: Mesh, *types: Any) -> tuple[str, dict[str, int]]:
    """What may propagate, in the notation of JAX's sharding rules: a name for each axis, and the sizes of parts of axes.

    Of a complex transform the parts s_d of axis d are major parts of the next one in the result, as many as the devices and both axes
    have in common.
    """
    rank = len(transform.shape)
    left, right = [f"a{d}" for d in range(rank)], [f"a{d}" for d in range(rank)]
    sizes: dict[str, int] = {}
    parts = _common_parts(transform, 1 if mesh.empty else mesh.size)
    if transform.real:
        right[-1] = "half"
    elif min(parts) > 1:
        for d, count in zip(transform.axes, parts):
            to = transform.next(d)
            left[d], sizes_left = _compound(f"s{d}", f"l{d}", count, transform.shape[d])
            right[to], sizes_right = _compound(f"s{d}", f"r{to}", count, transform.shape[to])
            sizes |= sizes_left | sizes_right
    return " ".join(left) + ", -> " + " ".join(right), sizes


def _common_parts(transform: Transform, devices: int) -> list[int]:
    """For each transformed axis, into how many parts it and the next one can be divided."""
    if len(transform.axes) == 1:
        return [1]
    shape = transform.shape
    return [math.gcd(devices, shape[d], shape[transform.next(d)]) for d in transform.axes]


def _compound(major: str, minor: str, parts: int, size: int) -> tuple[str, dict[str, int]]:
    if parts == size:
        return major, {}
    return f"({major} {minor})", {major: parts, minor: size // parts}


def partition(transform: Transform, mesh: AnyMesh, operands: Sequence[Any], result: Any):
    """The mesh, what each device does with its part, and where result and operand (and a number that is not read) lie for it."""
    mesh, spec = placed(operands[0])
    spec = _usable(transform, spec)
    local = functools.partial(_local, transform, spec, mesh)
    after = sharding_of(mesh, _result(transform, spec, mesh))
    return mesh, local, after, (sharding_of(mesh, spec), sharding_of(mesh, ()))


def result_sharding(transform: Transform, mesh: AnyMesh, operands: Sequence[Any], result: Any):
    """Where the result lies for an operand that lies somewhere."""
    mesh, spec = placed(operands[0])
    return sharding_of(mesh, _result(transform, _usable(transform, spec), mesh))


def placed(operand: Any) -> tuple[AnyMesh, Spec]:
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


def sharding_of(mesh: AnyMesh, spec: Spec) -> NamedSharding:
    """A spec as JAX has it."""
    return NamedSharding(mesh, PartitionSpec(*(names or None for names in spec)))


def _usable(transform: Transform, spec: Spec) -> Spec:
    """The last axis of a real transform is whole: it changes its length."""
    return (*spec[:-1], ()) if transform.real else spec


def _parts(mesh: AnyMesh, names: tuple[str, ...]) -> int:
    return math.prod(mesh.shape[name] for name in names)


def _turns(transform: Transform, spec: Spec, mesh: AnyMesh) -> bool:
    """Whether shards go on to the next axis: complex numbers, an axis that is whole to begin with, lengths that devices divide."""
    if transform.real or all(spec[d] for d in transform.axes):
        return False
    ends = [
        (_parts(mesh, spec[d]), axis) for d in transform.axes for axis in (d, transform.next(d))
    ]
    return all(transform.shape[axis] % parts == 0 for parts, axis in ends)


def _result(transform: Transform, spec: Spec, mesh: AnyMesh) -> Spec:
    if not _turns(transform, spec, mesh):
        return spec
    after = list(spec)
    for d in transform.axes:
        after[transform.next(d)] = spec[d]
    return tuple(after)


def _local(transform: Transform, spec: Spec, mesh: AnyMesh, x: Array, number: Array) -> Array:
    """The part of one device: axes that are whole first (those of an inverse real transform last), each divided one by an exchange."""
    kind = transform.kind
    plain = {"RFFT": "FFT", "IRFFT": "IFFT"}.get(kind, kind)
    whole = [d for d in transform.axes if not spec[d]]
    divided = [d for d in transform.axes if spec[d]]
    if kind != "IRFFT":
        x = transform.along(kind, x, whole)
    if _turns(transform, spec, mesh):
        return _turned(transform, spec, x, whole, divided)
    for d in divided:
        x = _there_and_back(plain, x, d, transform.shape[d], spec[d], _parts(mesh, spec[d]))
    return transform.along(kind, x, whole) if kind == "IRFFT" else x


def _turned(
    transform: Transform, spec: Spec, x: Array, whole: Sequence[int], divided: Sequence[int]
) -> Array:
    """Each divided axis gives its shards to the next one, as soon as that is whole; it is then whole itself, and transformed."""
    free, waiting = set(whole), list(divided)
    while waiting:
        d = next(d for d in waiting if transform.next(d) in free)
        to = transform.next(d)
        x = jax.lax.all_to_all(x, spec[d], to, d, tiled=True)
        x = transform.along(transform.kind, x, [d])
        waiting.remove(d)
        free = free - {to} | {d}
    return x


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
    x = jnp.moveaxis(jax.lax.slice_in_dim(x, 0, length, axis=d), d, -1)
    x = jnp.moveaxis(jax.lax.fft(x, kind, (length,)), -1, d)
    x = jax.lax.all_to_all(_padded(x, d, share * parts), names, d, other, tiled=True)
    return jax.lax.slice_in_dim(x, 0, size, axis=other)


def _padded(x: Array, axis: int, length: int) -> Array:
    return jnp.pad(x, [(0, length - x.shape[axis] if i == axis else 0) for i in range(x.ndim)])
