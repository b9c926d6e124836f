"""Programs as a CUDA device would get them: lowered on the CPU, their custom calls listed, nothing compiled for them.

`custom_calls` lowers one function; `Recorder` lowers every program that JAX compiles while it is open, and remembers which functions of
the library were called, so that eager programs (claims, experiments, examples) are seen whole.
"""

import dataclasses
import functools
import re
from pathlib import Path
from typing import ClassVar

import equinox as eqx
import jax
import typed

# What CUDA's own libraries and JAX's kernels do there; anything else in a program is an exception or a mistake.
CUDA = {
    "cusolver_syevd_ffi": "eigenvalues of Hermitian matrices (cuSOLVER)",
    "cusolver_gesvdj_ffi": "singular values (cuSOLVER)",
    "cusolver_gesvd_ffi": "singular values of larger matrices (cuSOLVER)",
    "cusparse_gtsv2_ffi": "tridiagonal systems: splines (cuSPARSE)",
    "cusolver_potrf_ffi": "Cholesky factors (cuSOLVER)",
    "cusolver_getrf_ffi": "LU factors (cuSOLVER)",
    "cusolver_geqrf_ffi": "QR factors (cuSOLVER)",
    "cusolver_orgqr_ffi": "Q of a QR factorisation (cuSOLVER)",
    "cublas_getrf_batched_ffi": "LU factors of many small matrices (cuBLAS)",
    "cublas_geqrf_batched_ffi": "QR factors of many small matrices (cuBLAS)",
    "cu_lu_pivots_to_permutation": "row exchanges of LU factors (a kernel of JAX)",
    "cu_threefry2x32_ffi": "random numbers (a kernel of JAX)",
    "__gpu$TopK": "the largest of many (a kernel of XLA)",
    "Sharding": "no call: where an array lives",
}
CALLBACK = "host callback"
TARGET = re.compile(r'custom_call @([\w.$]+)|call_target_name = "([^"]+)"')


def custom_calls(function, arguments):
    """The custom calls of a function's program for CUDA; `CALLBACK` where it has to ask the host."""
    numbers, rest = eqx.partition(arguments, eqx.is_array_like)
    program = jax.jit(lambda numbers: arrays(function(*eqx.combine(numbers, rest))))
    traced = program.trace(numbers)
    if has_callback(traced.jaxpr.jaxpr):
        return {CALLBACK}
    return targets(traced.lower(lowering_platforms=("cuda",)).compiler_ir("stablehlo"))


def targets(module):
    """The targets of the custom calls in a lowered program."""
    text = module.operation.get_asm(large_elements_limit=8)
    return {one or other for one, other in TARGET.findall(text)}


def has_callback(jaxpr):
    """Whether a program asks the host while it runs; no device but a CPU's own process can be lowered for with it here."""
    for equation in jaxpr.eqns:
        if "callback" in equation.primitive.name:
            return True
        if any(has_callback(inner) for inner in core_jaxprs(equation.params)):
            return True
    return False


def core_jaxprs(params):
    """The programs inside the parameters of an equation."""
    for value in params.values():
        for one in value if isinstance(value, (tuple, list)) else (value,):
            inner = getattr(one, "jaxpr", one)
            if hasattr(inner, "eqns"):
                yield inner


def arrays(value):
    """What of a value is arrays: the rest is known before a program begins."""
    return [leaf for leaf in jax.tree.leaves(value) if eqx.is_array_like(leaf)]


def made_of(jaxpr):
    """A program without its names: operations, what they return, and their parameters, inner programs told in full."""
    return tuple(
        (one.primitive.name, tuple(out.aval for out in one.outvars), *_parameters(one.params))
        for one in jaxpr.eqns
    )


def _parameters(params):
    inner = tuple(map(made_of, core_jaxprs(params)))
    plain = (value for value in params.values() if not (inner and has_programs(value)))
    return inner, *(value if _hashable(value) else str(value) for value in plain)


def has_programs(value):
    """Whether a parameter of an equation is a program, or several."""
    return any(True for _ in core_jaxprs({"": value}))


def _hashable(value):
    try:
        hash(value)
    except TypeError:
        return False
    return True


class Recorder:
    """While open, each program that JAX is about to compile is lowered for CUDA as well, once.

    What earlier recorders of this process have lowered may come out of JAX's caches; only where something was compiled in between,
    which nobody lowered, they are emptied first.

    `calls`: custom calls seen; `failed`: {name of a program: what lowering said}; `programs`: how many; `called`: annotated functions
    of the library that ran (the checks of typed.py are wrapped around each).
    """

    _open = None  # the one that sees what is compiled
    _missed = True  # whether programs were compiled that none saw
    _seen: ClassVar = set()  # what all have lowered

    def __init__(self):
        self.calls, self.failed, self.programs, self.called = set(), {}, 0, set()

    def __enter__(self):
        watch()
        if Recorder._missed:
            jax.clear_caches()  # what was compiled before would not be lowered again
            Recorder._missed = False
        Recorder._open = self
        typed.SEEING.append(self.called)
        return self

    def __exit__(self, *error):
        typed.SEEING.remove(self.called)
        Recorder._open = None

    def lower(self, original, closed, api_name, name, *rest, **options):
        """Lower a program for CUDA by JAX's `original` function, unless that is done."""
        self.programs += 1
        key = hash((tuple(closed.in_avals), made_of(closed.jaxpr)))
        if key in Recorder._seen:
            return
        Recorder._seen.add(key)
        if has_callback(closed.jaxpr):
            self.calls.add(CALLBACK)
            return
        exported = dataclasses.replace(options.pop("lowering_parameters"), for_export=True)
        options |= {"lowering_platforms": ("cuda",), "lowering_parameters": exported}
        try:
            lowered = original(closed, api_name, name, *rest, **options)
            self.calls |= targets(lowered.stablehlo())
        except Exception as error:
            self.failed[name] = f"{type(error).__name__}: {error}"[:300]

    def check(self, programs=1):
        """No program failed, and none calls what CUDA has not."""
        assert self.failed == {}
        assert self.programs >= programs
        assert self.calls <= {*CUDA, CALLBACK}

    def has_called(self, function):
        """Whether a function of the library ran while this was open, whatever was wrapped around it."""
        return (function.__module__, function.__qualname__) in self.called


@functools.cache
def watch():
    """Let the recorder that is open see what JAX lowers from here on, and all know whether something was lowered without one."""
    from jax._src.interpreters import pxla

    original = pxla.lower_sharding_computation

    busy = []  # lowering for CUDA may compile something on the way

    def lowering(*program, **options):
        if Recorder._open is None:
            Recorder._missed = True
        elif not busy:
            busy.append(True)
            try:
                Recorder._open.lower(original, *program, **options)
            finally:
                busy.clear()
        return original(*program, **options)

    pxla.lower_sharding_computation = lowering


# Modules whose examples run while their programs are lowered, once for both: the theorems, and what is made for the host's numbers.
ROOT = Path(__file__).resolve().parent.parent
THEOREMS = (ROOT / "jaxwigner" / "theorems").rglob("*.py")
EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in THEOREMS
    if ">>>" in path.read_text() and path.stem != "__init__"
)
EXAMPLES += ["jaxwigner.molecules.h2plus", "jaxwigner.phase_space.ensembles"]
EXAMPLES += ["jaxwigner.potentials.combined", "jaxwigner.potentials.pairs.bodies"]
EXAMPLES += ["jaxwigner.potentials.curves.curve"]
EXAMPLES += ["jaxwigner.potentials.potential", "jaxwigner.quantum.partial_waves.planes"]
EXAMPLES += ["jaxwigner.studies.compare.predict"]
EXAMPLES += ["jaxwigner.transport.bounds", "jaxwigner.transport.couplings"]
EXAMPLES += ["jaxwigner.transport.quantum.bounds", "jaxwigner.transport.quantum.carried"]
