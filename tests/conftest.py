"""Float64, no silent rank promotion, cheap compilation and one cache of compiled programs for a whole session, set before anything
is computed.

Most of a test's time goes into compiling programs that run once, for milliseconds. So XLA compiles with hardly any optimisation,
which takes a third of the time, and what eager.py can do by NumPy is not compiled at all; `--optimised` compiles as users do.
Workers and the processes that tests start share what is compiled through a folder that goes with the session, unless
JAX_COMPILATION_CACHE_DIR names one. lean.py leaves out what JAX does for those who look for faults in programs.
"""

import gc
import os
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads wait for each other

import eager
import jax
import lean
import pytest
import typed

typed.install()
lean.install()

CHEAP = (
    "--xla_backend_optimization_level=0",
    "--xla_llvm_disable_expensive_passes=true",
    "--xla_cpu_parallel_codegen_split_count=1",
    "--xla_cpu_use_fusion_emitters=false",
)
READS_FLAGS = (
    "import jaxlib.xla_client as x; x.CompileOptions().executable_build_options.debug_options"
)
COMPILED = "/jax/core/compile/backend_compile_duration"
CACHE = "JAX_COMPILATION_CACHE_DIR"
SECONDS = "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"
WORKER = "PYTEST_XDIST_WORKER"  # a worker inherits the environment that the first process has set

# Thousands of compiled programs stay alive: the default thresholds walk through all of them again and again.
gc.set_threshold(100_000, 50, 100)

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_addoption(parser):
    parser.addoption("--optimised", action="store_true", help="let XLA optimise, as users do")


def pytest_configure(config):
    if not config.getoption("--optimised"):
        eager.install()
    if WORKER not in os.environ:
        if not config.getoption("--optimised"):
            os.environ["XLA_FLAGS"] = with_cheap_flags(os.environ.get("XLA_FLAGS", ""))
        if CACHE not in os.environ:
            config.stash[FOLDER] = os.environ[CACHE] = tempfile.mkdtemp(prefix="compiled-")
        # To store a small program costs a third of compiling it, and hardly one in ten is asked for again.
        os.environ.setdefault(SECONDS, "0.05")
    # JAX has read the environment when it was imported.
    jax.config.update("jax_compilation_cache_dir", os.environ[CACHE])
    jax.config.update("jax_persistent_cache_min_compile_time_secs", float(os.environ[SECONDS]))


FOLDER = pytest.StashKey[str]()


def pytest_unconfigure(config):
    if FOLDER in config.stash:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


def with_cheap_flags(flags):
    """The flags with those of cheap compilation, where this XLA knows them: it ends a process that is given others."""
    cheap = " ".join([flags, *CHEAP])
    command = [sys.executable, "-c", READS_FLAGS]
    known = subprocess.run(command, env={**os.environ, "XLA_FLAGS": cheap}, capture_output=True)
    return cheap if known.returncode == 0 else flags


LONGEST = {
    "test_sharding",
    "test_lowering",
}  # begun first, so that no worker waits for another at the end


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses among them
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.stem not in LONGEST)
    for item in items:
        if "nightly" in item.keywords:
            item.add_marker("slow")  # or the command that leaves the slow ones out would run it
    if any(device.platform == "gpu" for device in jax.devices()):
        return
    skip = pytest.mark.skip(reason="no CUDA device on this machine")
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command with arguments: (exit status, standard output, standard error)."""
    from jaxwigner import cli

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["jaxwigner", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return (stop.value.code, *capsys.readouterr())

    return call


@pytest.fixture
def compilations():
    """How often XLA has been asked for a program since."""
    count = [0]

    def listen(event, seconds, **more):
        count[0] += event == COMPILED

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield count
    jax.monitoring.unregister_event_duration_listener(listen)
