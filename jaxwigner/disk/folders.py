"""Folders of results: what is ours is marked, what is not ours stays, and a file is there as a whole or not at all.

A folder that the library makes holds the file `.jaxwigner`, which says of what kind it is; a store says so in its attribute
`jaxwigner`. Only a marked store is ever replaced. Whatever is written goes first under a name that nobody else has, then to the disk,
then under its own name; a symbolic link, a device or a FIFO in its place is refused and not followed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import socket
import stat
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MARK = ".jaxwigner"
KEY = "jaxwigner"  # in the mark, and among the attributes of a store
LARGEST, LARGEST_STORE = 4096, 2**26  # bytes of a mark, and of the metadata of a store
WRITTEN = (
    "results.zarr",
    "report.json",
    "unfinished.json",
)  # what the commands write besides figures
WORK = "unfinished"  # the kind of a folder that its maker has not finished
# Of Windows these flags are missing: it has neither such links nor FIFOs in a folder.
SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def local_path(name: str, path: Any) -> Path:
    """The absolute path of a folder on this machine: `~` is home, and what is relative begins where the process is now.

    **Raises:** `ValueError` for what is no path, and for an address such as s3://bucket/store.

    >>> from jaxwigner.disk.folders import local_path
    >>> local_path("store", "/data/../data/a.zarr").name
    'a.zarr'
    >>> local_path("store", "s3://bucket/a.zarr")
    Traceback (most recent call last):
    ...
    ValueError: Argument `store` must be a folder of this machine, but is 's3://bucket/a.zarr': copy it there when it is finished
    """
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        raise ValueError(f"Argument `{name}` must be a path, but is {path!r}")
    text = os.fspath(path)
    if not text or "\0" in text:
        raise ValueError(f"Argument `{name}` must be a path, but is {text!r}")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):  # a `Path` has lost the second slash
        raise ValueError(
            f"Argument `{name}` must be a folder of this machine, but is {text!r}: copy it there when it is finished"
        )
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"Argument `{name}` must be a path, but in {text!r} {error}") from error


def mark(folder: Path, kind: str, **more: Any) -> None:
    """Say that a folder is ours, and of what kind."""
    write_json({KEY: kind, **more}, folder / MARK)


def kind_of(folder: Path) -> str | None:
    """Of what kind a folder of ours is; None where it is not ours, not there, or a symbolic link.

    >>> import pathlib, tempfile
    >>> from jaxwigner.disk.folders import kind_of, mark
    >>> with tempfile.TemporaryDirectory() as name:
    ...     before = kind_of(pathlib.Path(name))
    ...     mark(pathlib.Path(name), "limits")
    ...     before, kind_of(pathlib.Path(name))
    (None, 'limits')
    """
    return _marked(folder).get(KEY)


def _marked(folder: Path) -> dict[str, Any]:
    """What stands in the mark of a folder, or in the attributes of a store: zarr minds files that it does not know."""
    if folder.is_symlink():
        return {}
    found = read_json(folder / MARK, LARGEST)
    if found is None:
        found = read_json(folder / "zarr.json", LARGEST_STORE)
        found = found.get("attributes") if isinstance(found, dict) else None
    return found if isinstance(found, dict) and isinstance(found.get(KEY), str) else {}


def read_json(path: Path, largest: int) -> Any:
    """What a JSON file of at most `largest` bytes holds; None where that is nothing, and where there is none.

    >>> import pathlib
    >>> from jaxwigner.disk.folders import read_json
    >>> read_json(pathlib.Path("/nowhere/a.json"), 100) is None
    True
    """
    try:
        return json.loads(read_bounded(path, largest))
    except (OSError, ValueError, RecursionError):
        return None


def read_bounded(path: Path, largest: int) -> bytes:
    """The bytes of a plain file of at most `largest` bytes.

    **Raises:** `OSError` if it is not there; `ValueError` if it is longer, or a link, a device or a FIFO.
    """
    with suppress(FileNotFoundError):
        _refuse_unless_file(path)
    handle = os.open(path, os.O_RDONLY | SAFE)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError(f"Argument `path` must be a plain file, but {path} is none")
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"Argument `path` must hold at most {largest} bytes, but {path} has more")
    return content


def prepare(
    out: Path | str, kind: str, names: Sequence[str] = WRITTEN, argument: str = "out"
) -> Path:
    """The folder for the results of one command, made and marked; nothing in it is touched.

    **Arguments:** `kind`: what the results are, "limits", "run" or "sweep"; `names`: what will be written there; `argument`: what
    the caller calls the folder.

    **Returns:** the absolute path.

    **Raises:** `ValueError` where `out` is no folder, holds results of another kind, or holds, without our mark, something under one of
    the `names`; `OSError` where it cannot be written.

    >>> import pathlib, tempfile
    >>> from jaxwigner.disk.folders import prepare
    >>> with tempfile.TemporaryDirectory() as name:
    ...     folder = prepare(f"{name}/a", "limits")
    ...     try:
    ...         prepare(folder, "sweep")
    ...     except ValueError as error:
    ...         str(error).replace(name, "")
    'Argument `out` must be new, empty or hold results of `sweep`, but /a holds results of `limits`'
    """
    folder = local_path(argument, out).resolve()  # the folder itself may be a link to another disk
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"Argument `{argument}` must be a folder, but {folder} is a file")
    found = kind_of(folder)
    must = (
        f"Argument `{argument}` must be new, empty or hold results of `{kind}`, but {folder} holds"
    )
    if found not in (None, kind):
        raise ValueError(f"{must} results of `{found}`")
    theirs = [name for name in names if os.path.lexists(folder / name)]
    if found is None and theirs:
        raise ValueError(f"{must} a {theirs[0]} that is not ours")
    folder.mkdir(parents=True, exist_ok=True)
    mark(folder, kind)  # before the work: it fails now if nothing can be written
    return folder


def replace_store(dataset: Any, out: Path | str, name: str = "results.zarr", kind: str = "results"):
    """Write an `xarray.Dataset` as the zarr store `out/name`; one of ours that was there goes when the new one is whole.

    **Arguments:** `kind`: what the store is marked as; a store of another kind (a sweep) is not replaced.

    **Returns:** the path of the store.

    **Raises:** `ValueError` where something stands there that is not ours; `OSError` where it cannot be written, and then what was
    there is there still.

    >>> import pathlib, tempfile, xarray
    >>> from jaxwigner.disk.folders import kind_of, replace_store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = replace_store(xarray.Dataset({"a": ("x", [1.0, 2.0])}), folder)
    ...     store = replace_store(xarray.Dataset({"a": ("x", [3.0, 4.0])}), folder)
    ...     xarray.open_zarr(store)["a"].values.tolist(), kind_of(store)
    ([3.0, 4.0], 'results')
    """
    final = local_path("out", out).resolve() / name
    _refuse_unless_ours(final, kind)
    sweep_up(final)
    with workspace(final) as work:
        with warnings.catch_warnings():
            # zarr warns that fixed-length strings are not yet in its specification; xarray reads them back.
            warnings.simplefilter("ignore")
            dataset.assign_attrs({KEY: kind}).to_zarr(work / "new", mode="w-")
        to_disk(work / "new")
        _refuse_unless_ours(final, kind)  # it took a while
        if final.exists():
            os.rename(final, work / "old")
        os.rename(work / "new", final)
        sync_folder(final.parent)
    return final


def _refuse_unless_ours(store: Path, kind: str) -> None:
    if not os.path.lexists(store):
        return
    found = kind_of(store)
    if found != kind:
        what = f"a store of `{found}`" if found else "not ours"
        raise ValueError(
            f"Argument `out` must not hold {store.name} of others, but {store} is {what}: choose another folder"
        )


@contextmanager
def workspace(target: Path) -> Iterator[Path]:
    """A new folder beside `target`, with a name of its own, in which something is made before it gets its name; it goes at the end."""
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent))
    try:
        mark(work, WORK, pid=os.getpid(), host=socket.gethostname())
        yield work
    finally:
        if (work / "old").exists() and not os.path.lexists(target):
            os.rename(work / "old", target)
        shutil.rmtree(work, ignore_errors=True)


def sweep_up(target: Path) -> None:
    """Remove the folders beside `target` that `workspace` made for processes of this host which have ended."""
    for work in target.parent.glob(".*.new"):
        about = _marked(work) if work.name.startswith(f".{target.name}.") else {}
        here = about.get(KEY) == WORK and about.get("host") == socket.gethostname()
        if not here or alive(about.get("pid")):
            continue
        if (work / "old").exists() and not os.path.lexists(target):  # killed between two renames
            os.rename(work / "old", target)
        shutil.rmtree(work, ignore_errors=True)


def alive(pid: Any) -> bool:
    """Whether a process of this host runs; of what is no number of a process, that cannot be known.

    >>> import os
    >>> from jaxwigner.disk.folders import alive
    >>> alive(os.getpid()), alive(None)
    (True, True)
    """
    if not isinstance(pid, int) or not 0 < pid < 2**31:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_json(value: Any, path: Path) -> None:
    """As `write_text`, for a value of plain numbers, texts, lists and dictionaries.

    >>> import pathlib, tempfile
    >>> from jaxwigner.disk.folders import write_json
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_json({"ħ": 0.1}, pathlib.Path(folder) / "a.json")
    ...     (pathlib.Path(folder) / "a.json").read_text(encoding="utf-8")
    '{\\n "ħ": 0.1\\n}\\n'
    """
    write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", path)


def write_text(text: str, path: Path) -> None:
    """The file with this text in UTF-8, whole or as it was before; the folder must be there.

    **Raises:** `ValueError` where a symbolic link, a folder, a device or a FIFO stands there; `OSError` where it cannot be written.

    >>> import pathlib, tempfile
    >>> from jaxwigner.disk.folders import write_text
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.txt"
    ...     write_text("once", path)
    ...     write_text("twice", path)
    ...     path.read_text(), [entry.name for entry in path.parent.iterdir()]
    ('twice', ['a.txt'])
    """
    write_bytes(text.encode("utf-8"), path)


def write_bytes(content: bytes, path: Path) -> None:
    """As `write_text`, for bytes: a figure that matplotlib saved into a `io.BytesIO`."""
    with suppress(FileNotFoundError):
        _refuse_unless_file(path)
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), 0o666 & ~_umask())
        os.replace(fresh, path)  # in place of a link that has come since, not through it
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _refuse_unless_file(path: Path) -> None:
    mode = os.lstat(path).st_mode
    if not stat.S_ISREG(mode):
        kinds = {stat.S_ISLNK: "a symbolic link", stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a FIFO"}
        what = next((word for test, word in kinds.items() if test(mode)), "a device")
        raise ValueError(f"Argument `path` must be a plain file or new, but {path} is {what}")


def _umask() -> int:
    """The bits that new files of this process do not get."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def to_disk(folder: Path) -> None:
    """Wait until all that is in a folder is on the disk."""
    for place, _, files in os.walk(folder):
        for name in files:
            _sync(Path(place) / name, os.O_RDONLY)
        sync_folder(Path(place))


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can do that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # of some network disks
            raise


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
