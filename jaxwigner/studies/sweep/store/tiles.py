"""The files of a store: each with a checksum, on the disk before anything says that it is there, and never read where it is wrong."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import google_crc32c
from zarr.storage import LocalStore

from jaxwigner.disk import folders

PARTIAL = re.compile(r"\.(\d+|zarr\.json)\.[0-9a-f]{32}\.partial")  # what a kill leaves of a write


class TileStore(LocalStore):
    """The folder of a store as zarr sees it.

    A tile is written under a name of its own, synced, and then renamed; the names are synced by `settle`. A tile whose checksum is
    wrong, or that is missing although the `status` of its points is there, raises; where `lenient` it reads as missing. A folder that
    was removed or replaced since it was opened is not made again.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        read_only: bool = False,
        coordinates: Sequence[str] = (),
        lenient: bool = False,
    ):
        super().__init__(root, read_only=read_only)
        self.coordinates, self.lenient = tuple(coordinates), lenient
        self._place = _place(self.root)
        self._changed: set[Path] = set()

    def with_read_only(self, read_only: bool = False) -> TileStore:
        """The same folder, opened so."""
        return TileStore(
            self.root, read_only=read_only, coordinates=self.coordinates, lenient=self.lenient
        )

    async def get(self, key: str, prototype: Any = None, byte_range: Any = None) -> Any:
        """The bytes of a file, checked."""
        found = await super().get(key, prototype, byte_range)
        return self._checked(key, found) if byte_range is None else found

    def get_sync(self, key: str, *, prototype: Any = None, byte_range: Any = None) -> Any:
        """As `get`."""
        found = super().get_sync(key, prototype=prototype, byte_range=byte_range)
        return self._checked(key, found) if byte_range is None else found

    async def _set(self, key: str, value: Any, exclusive: bool = False) -> None:
        self.set_sync(key, value)

    def set_sync(self, key: str, value: Any) -> None:
        """Replace a file by another that is on the disk already."""
        self._check_writable()
        self.check_there()
        path = self._folder(key) / Path(key).name
        fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
        try:
            with fresh.open("xb") as file:
                file.write(value.as_buffer_like())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        self._changed.add(path.parent)

    def settle(self) -> None:
        """Wait until the names of all files that were written are on the disk; their contents are there before."""
        for folder in sorted(self._changed):
            folders.sync_folder(folder)
        self._changed.clear()

    def check_there(self) -> None:
        """Complain if the folder is no longer the one that was opened.

        **Raises:** `FileNotFoundError`.
        """
        if self._place is None or _place(self.root) != self._place:
            raise FileNotFoundError(
                f"The store {self.root} was removed or replaced while it was in use, so the sweep stops"
            )

    def is_sound(self, key: str) -> bool:
        """Whether a tile is there with the right checksum."""
        try:
            return _is_sound((self.root / key).read_bytes())
        except OSError:
            return False

    def clear_partial(self, arrays: Sequence[str]) -> None:
        """Remove what writes of processes that were killed have left, and nothing else."""
        for name in arrays:
            for path in (self.root / name).rglob(".*.partial"):
                if PARTIAL.fullmatch(path.name) and not path.is_symlink():
                    path.unlink(missing_ok=True)

    def _folder(self, key: str) -> Path:
        """The folder of a file, made where it is missing; never the store itself, and never through a link."""
        place = self.root
        for part in Path(key).parent.parts:
            parent, place = place, place / part
            try:
                place.mkdir()
            except FileExistsError:
                if place.is_symlink() or not place.is_dir():
                    raise FileExistsError(
                        f"In the store {self.root} the folder {place} must be one, but is a link or a file"
                    ) from None
            else:
                self._changed.add(parent)
        return place

    def _checked(self, key: str, found: Any) -> Any:
        name, tile, corner = key.partition("/c/")
        if not tile:
            return found
        if found is None:
            self.check_there()
            wrong = "is missing" if self._expects(name, corner) else ""
        else:
            wrong = "" if _is_sound(found.to_bytes()) else "has a wrong checksum"
        if wrong and not self.lenient:
            raise ValueError(
                f"The store {self.root} is damaged: its tile {key} {wrong}; `resume=True` computes it again"
            )
        return None if wrong else found

    def _expects(self, name: str, corner: str) -> bool:
        """Whether a tile that is missing should be there: those of points with a status, and all coordinates."""
        if name in self.coordinates:
            return True
        parts = corner.split("/") if name != "status" else []
        status = self.root / "status" / "c"
        return any(status.joinpath(*parts[:n]).is_file() for n in range(1, len(parts) + 1))


def _place(root: Path) -> tuple[int, int] | None:
    """What tells a folder from one of the same name."""
    try:
        found = root.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_sound(content: bytes) -> bool:
    return len(content) > 4 and content[-4:] == google_crc32c.value(content[:-4]).to_bytes(
        4, "little"
    )
