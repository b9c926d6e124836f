"""JAX without what serves to find faults in programs, and what it does again and again done once.

Between the call of a function and the compilation of its program lie a tenth of a second of Python, half of a test's time. Where every
operation came from is asked for nowhere in the tests; XLA verifies what it is given, so that JAX need not; and what one process of
a session hands to another through the disc need not be small. Whatever this JAX does not have is left as it is.
"""

import contextlib
import threading

import jax

USES = 200  # programs that a thread lowers in one context


def install():
    # Nor does JAX keep, of every operation that it lowers, the lines of Python it came from.
    jax.config.update("jax_traceback_in_locations_limit", 0)
    for part in (share_contexts, forget_places, trust, store_as_it_is):
        with contextlib.suppress(ImportError, AttributeError, TypeError):
            part()


def share_contexts():
    """Let a thread lower many programs in one MLIR context, which knows all operations and is made anew for each of them else."""
    from jax._src.interpreters import mlir

    make = mlir.make_ir_context
    kept = threading.local()

    def context():
        if getattr(kept, "left", 0) == 0:
            kept.context, kept.left = make(), USES
        kept.left -= 1
        return kept.context

    mlir.make_ir_context = context


def forget_places():
    """Operations of traced and lowered programs do not know the line they came from."""
    from jax._src.interpreters import mlir
    from jax._src.lib import _jax
    from jax._src.lib.mlir import ir

    _jax.set_tracebacks_enabled(False)
    assert callable(mlir.source_info_to_location)
    mlir.source_info_to_location = lambda *args: ir.Location.unknown()


def trust():
    """Lowered programs are verified by XLA alone."""
    from jax._src.lib.mlir import ir

    (owner,) = [one for one in ir.Operation.__mro__ if "verify" in vars(one)]
    owner.verify = lambda self: True


def store_as_it_is():
    """What is stored for a session is not compressed; whoever expects that it is can read it."""
    from jax._src import compilation_cache as cache

    if not (cache.zstd or cache.zstandard):
        cache.compress_executable = lambda executable: cache.zlib.compress(executable, 0)
