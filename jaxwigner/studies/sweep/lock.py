"""One sweep on one store: a lock that a killed process gives back by itself."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jaxwigner.disk.folders import SAFE, alive

try:
    import fcntl
except ImportError:  # Windows: the process number alone decides
    fcntl = None


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the file `STORE.lock`, which says which process on which host works on the store.

    The system gives the lock back when a process ends, however it ends, so that a file left behind on this host is stale. Of a file
    left by another host that cannot be known.

    **Raises:** `ValueError` while another sweep holds it, and where a link, a FIFO or a file of others has its name; `OSError` where
    the folder cannot be written.

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
            if _is_at(handle, path):
                path.unlink(missing_ok=True)
            os.close(handle)


def _take(store: Path, path: Path) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | SAFE, 0o644)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise _no_lock(path) from error
            raise
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _no_lock(path)
            _claim(store, path, handle)
            # The holder before may have removed the file between our opening and our locking it.
            if _is_at(handle, path):
                _sign(handle)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open file is the one of this name."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _claim(store: Path, path: Path, handle: int) -> None:
    """Lock the open file, or say who holds it."""
    owner = _owner(handle, path)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif owner and owner["host"] == socket.gethostname() and alive(owner["pid"]):
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


def _owner(handle: int, path: Path) -> dict | None:
    """Who signed the file; None of one that is empty."""
    content = os.read(handle, 4096)
    if not content:
        return None
    try:
        owner = json.loads(content)
        pid, host = owner["pid"], owner["host"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_lock(path) from error
    if (
        type(pid) is not int
        or not isinstance(host, str)
        or not re.fullmatch(r"[\w.-]{1,255}", host)
    ):
        raise _no_lock(path)
    return {"pid": pid, "host": host}


def _no_lock(path: Path) -> ValueError:
    return ValueError(
        f"Argument `store` must have the name {path.name} beside it free for its lock, but {path} is no lock of ours"
    )


def _sign(handle: int) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    os.ftruncate(handle, 0)
    os.write(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())
