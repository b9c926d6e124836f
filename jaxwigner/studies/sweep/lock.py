"""One sweep on one store: a lock that a killed process gives back by itself."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: the process number alone decides
    fcntl = None


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the file `STORE.lock`, which says which process on which host works on the store.

    The system gives the lock back when a process ends, however it ends, so that a file left behind on this host is stale. Of a file
    left by another host that cannot be known.

    **Raises:** `ValueError` while another sweep holds it; `OSError` where the folder cannot be written.

    >>> import tempfile, pathlib
    >>> from jaxwigner.studies.sweep.lock import locked
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = pathlib.Path(folder) / "a.zarr"
    ...     with locked(store):
    ...         held = store.with_name("a.zarr.lock").exists()
    ...     held, store.with_name("a.zarr.lock").exists()
    (True, False)
    """
    path = store.with_name(store.name + ".lock")
    handle = _take(store, path)
    try:
        yield
    finally:
        if fcntl is None:  # an open file cannot be removed there
            os.close(handle)
            path.unlink(missing_ok=True)
        else:  # removed while still held, so that nobody takes a file that is about to go
            path.unlink(missing_ok=True)
            os.close(handle)


def _take(store: Path, path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _claim(store, path, handle)
            # The holder before may have removed the file between our opening and our locking it.
            if path.exists() and os.fstat(handle).st_ino == path.stat().st_ino:
                _sign(handle)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _claim(store: Path, path: Path, handle: int) -> None:
    """Lock the open file, or say who holds it."""
    owner = _owner(handle)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif owner and owner["host"] == socket.gethostname() and _alive(owner["pid"]):
            raise BlockingIOError
    except BlockingIOError:
        who = "process {pid} on {host}".format(**owner) if owner else "another process"
        raise ValueError(
            f"Argument `store` must not be in use, but {store} is written by {who}"
        ) from None
    if owner and owner["host"] != socket.gethostname():
        raise ValueError(
            f"Argument `store` must not be in use, but {store} was locked by process {owner['pid']} "
            f"on {owner['host']}: remove {path} if that one has ended"
        )


def _owner(handle: int) -> dict | None:
    try:
        owner = json.loads(os.read(handle, 4096))
        return {"pid": int(owner["pid"]), "host": str(owner["host"])}
    except (ValueError, KeyError, TypeError):
        return None


def _sign(handle: int) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    os.ftruncate(handle, 0)
    os.write(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
