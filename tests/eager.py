"""Small programs by NumPy: `x * y` of five numbers need not be compiled.

Outside of `jit` JAX compiles a program for every operation and every shape, ten milliseconds each, and the tests ask for tens of
thousands that run once. `install()` leaves to NumPy those that consist of arithmetic with one right answer (IEEE: the same bits) and
of moving numbers about. What has a choice (sums, complex products, powers, functions) is compiled as always, and so is all that is
large, or placed on a device. `--optimised` leaves all to JAX.
"""

import contextlib

import jax
import numpy as np

LARGEST = 20_000  # numbers; below, a copy is nothing beside a compilation
LONGEST = 8  # operations
INSTALLED = []  # what JAX would call instead


class Compile(Exception):
    """Not for NumPy after all."""


def only(*kinds):
    """The values are of these kinds (b: truth, i: integer, f: float, c: complex), or the program is compiled."""

    def rule(function):
        def apply(params, *values):
            if not all(value.dtype.kind in kinds for value in values):
                raise Compile
            return function(*values)

        return apply

    return rule


ANY, REAL, FLOAT, TRUTH = only(*"biufc"), only(*"biuf"), only("f"), only("b")


def converted(params, value):
    new = params["new_dtype"]
    # Complex numbers lose their imaginary part, and of floats too large for an integer everybody has an opinion.
    if value.dtype.kind == "c" != new.kind or (value.dtype.kind == "f" and new.kind in "iu"):
        raise Compile
    return value.astype(new)


def spread(params, value, *sizes):
    shape = np.ones(len(params["shape"]), int)
    shape[list(params["broadcast_dimensions"])] = value.shape
    return np.broadcast_to(value.reshape(shape), params["shape"])


def sliced(params, value):
    steps = params["strides"] or (1,) * value.ndim
    return value[tuple(map(slice, params["start_indices"], params["limit_indices"], steps))]


def picked(params, value, *starts):
    sizes = params["slice_sizes"]
    firsts = [min(max(int(one), 0), n - m) for one, n, m in zip(starts, value.shape, sizes)]
    return value[tuple(slice(first, first + size) for first, size in zip(firsts, sizes))]


def joined(params, real, imaginary):
    both = np.empty(np.broadcast(real, imaginary).shape, np.result_type(real, np.complex64))
    both.real, both.imag = real, imaginary
    return both


def chosen(params, which, *cases):
    if which.dtype != bool or len(cases) != 2:
        raise Compile
    return np.where(which, cases[1], cases[0])


def powered(params, value):
    if params["y"] != 2 or value.dtype.kind not in "iuf":
        raise Compile
    return value * value


def counted(params):
    along = [1] * len(params["shape"])
    along[params["dimension"]] = -1
    numbers = np.arange(params["shape"][params["dimension"]], dtype=params["dtype"])
    return np.broadcast_to(numbers.reshape(along), params["shape"])


def squeezed(params, value):
    return np.squeeze(value, tuple(params["dimensions"]))


def along(function, kinds):
    def apply(params, value):
        if value.dtype.kind not in kinds or not value.size:
            raise Compile
        return function(value, axis=tuple(params["axes"]))

    return apply


RULES = {
    "add": ANY(np.add),
    "sub": ANY(np.subtract),
    "mul": REAL(np.multiply),
    "square": REAL(np.square),
    "neg": ANY(np.negative),
    "div": FLOAT(np.divide),
    "sqrt": FLOAT(np.sqrt),
    "floor": FLOAT(np.floor),
    "is_finite": FLOAT(np.isfinite),
    "abs": REAL(np.abs),
    "real": ANY(np.real),
    "imag": ANY(np.imag),
    "conj": only("c")(np.conj),
    "complex": joined,
    "eq": ANY(np.equal),
    "ne": ANY(np.not_equal),
    "lt": REAL(np.less),
    "le": REAL(np.less_equal),
    "gt": REAL(np.greater),
    "ge": REAL(np.greater_equal),
    "and": TRUTH(np.logical_and),
    "or": TRUTH(np.logical_or),
    "not": TRUTH(np.logical_not),
    "integer_pow": powered,
    "iota": counted,
    "max": REAL(np.maximum),
    "min": REAL(np.minimum),
    "reduce_max": along(np.max, "iuf"),
    "reduce_min": along(np.min, "iuf"),
    "reduce_and": along(np.logical_and.reduce, "b"),
    "reduce_or": along(np.logical_or.reduce, "b"),
    "select_n": chosen,
    "convert_element_type": converted,
    "broadcast_in_dim": spread,
    "reshape": lambda params, value, *sizes: value.reshape(params["new_sizes"]),
    "squeeze": squeezed,
    "transpose": lambda params, value: value.transpose(params["permutation"]),
    "slice": sliced,
    "dynamic_slice": picked,
    "concatenate": lambda params, *values: np.concatenate(values, params["dimension"]),
    "copy": ANY(np.copy),
}


def simple(jaxpr) -> bool:
    """Whether NumPy can do it: few operations, all of them in the table."""
    inner = [one.params["jaxpr"].jaxpr for one in jaxpr.eqns if one.primitive.name in NESTED]
    others = [one for one in jaxpr.eqns if one.primitive.name not in NESTED]
    avals = [one.aval for one in (*jaxpr.constvars, *jaxpr.invars, *jaxpr.outvars)]
    return (
        len(jaxpr.eqns) <= LONGEST
        and not jaxpr.effects
        and all(one.primitive.name in RULES for one in others)
        and all(hasattr(one, "shape") and one.dtype.name in PLAIN for one in avals)
        and all(one.size <= LARGEST for one in avals)
        and all(map(simple, inner))
    )


NESTED = {"jit", "pjit"}
PLAIN = {"bool", "int32", "int64", "uint32", "float32", "float64", "complex64", "complex128"}


def evaluate(jaxpr, consts, values):
    """The outputs of a simple program, as arrays of NumPy."""
    known = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *values)))

    def read(atom):
        return np.asarray(atom.val, atom.aval.dtype) if hasattr(atom, "val") else known[atom]

    for one in jaxpr.eqns:
        given = [read(atom) for atom in one.invars]
        if one.primitive.name in NESTED:
            inner = one.params["jaxpr"]
            results = evaluate(inner.jaxpr, [np.asarray(c) for c in inner.consts], given)
        else:
            results = [RULES[one.primitive.name](one.params, *given)]
        for variable, result in zip(one.outvars, results):
            if np.shape(result) != variable.aval.shape:
                raise Compile
            known[variable] = np.asarray(result, variable.aval.dtype)
    return [read(atom) for atom in jaxpr.outvars]


def by_numpy(closed, args):
    """The results of a simple program as arrays of JAX, with their weak types."""
    values = [np.asarray(arg, aval.dtype) for arg, aval in zip(args, closed.in_avals)]
    with np.errstate(all="ignore"):
        results = evaluate(closed.jaxpr, [np.asarray(one) for one in closed.consts], values)
    for result, aval in zip(results, closed.out_avals):
        array = jax.device_put(np.array(result, order="C"))
        array.aval = aval
        yield array


def free(value):
    """Whether it is on no device in particular."""
    if isinstance(value, jax.Array):
        return not value.committed and len(value.sharding.device_set) == 1
    return isinstance(value, (np.ndarray, np.generic, bool, int, float, complex))


def as_ever(params):
    """Nothing is said about devices, donated arrays or what is to be looked for."""
    places = (*params["in_shardings"], *params["out_shardings"])
    asked = ("jax_debug_nans", "jax_debug_infs", "jax_no_execution", "jax_default_device")
    return (
        all(type(place).__name__ == "UnspecifiedValue" for place in places)
        and not any(params["donated_invars"])
        and not any(getattr(jax.config, one, None) for one in asked)
    )


def install():
    """Programs that a test asks for outside of `jit` go through NumPy where they are simple; nothing happens with another JAX."""
    try:
        from jax._src import pjit
        from jax._src.util import weakref_lru_cache

        compiled = pjit._pjit_call_impl_python
    except (ImportError, AttributeError):
        return

    @weakref_lru_cache
    def for_numpy(closed):
        return simple(closed.jaxpr)

    def call(*args, jaxpr, **params):
        if for_numpy(jaxpr) and as_ever(params) and all(map(free, args)):
            with contextlib.suppress(
                Compile, TypeError, ValueError
            ):  # JAX knows what NumPy refuses
                return list(by_numpy(jaxpr, args)), None, None, []
        return compiled(*args, jaxpr=jaxpr, **params)

    if not INSTALLED:
        INSTALLED.append(compiled)
        pjit._pjit_call_impl_python = call
