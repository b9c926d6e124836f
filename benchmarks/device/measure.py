"""The run: themes in the order of their weight, within the minutes that there are, each row written down as it is measured.

A theme is not begun if what it is expected to take does not fit; one that raises leaves a row with its error; a watchdog writes down
what is unfinished and ends the process where a theme does not come back.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax

from benchmarks.device import batches, bodies, distances, parity, rates, waves
from benchmarks.device.log import Log
from benchmarks.device.place import Place
from benchmarks.report import Row, skipped

MARGIN = 8.0  # seconds before the end at which the watchdog writes
ENDED = 3  # exit status of the watchdog


class Theme(NamedTuple):
    """`seconds`: what it is expected to take on a device, compilation included; `small`: in a rehearsal on two CPU cores."""

    name: str
    seconds: float
    small: float
    run: Callable[[Place], Iterator[Row]]


THEMES = (
    Theme("parity of systems", 60, 40, parity.systems),
    Theme("Moyal", 20, 5, rates.moyal),
    Theme("Strang step", 20, 5, rates.strang),
    Theme("sweep", 30, 5, batches.sweep),
    Theme("E_ħ, r = 64", 40, 15, distances.semiquantum_medium),
    Theme("parity of transforms", 30, 15, parity.transforms),
    Theme("parity of gradients", 50, 40, parity.gradients),
    Theme("particles", 15, 5, bodies.vlasov),
    Theme("bodies", 15, 5, bodies.many),
    Theme("Wigner", 10, 5, batches.wigner),
    Theme("parity of distances", 35, 35, parity.distances),
    Theme("E_ħ, r = 256", 75, 10, distances.semiquantum_large),
    Theme("partial waves", 45, 30, waves.momenta),
    Theme("Monge–Kantorovich", 40, 20, distances.clouds),
    Theme("partial waves, smallest", 45, 10, waves.smallest),
)


class Clock:
    """Seconds left of a run."""

    def __init__(self, seconds: float):
        self._end = time.perf_counter() + seconds

    def left(self) -> float:
        return self._end - time.perf_counter()


def measured(place: Place, seconds: float, themes: tuple[Theme, ...] = THEMES) -> Iterator[Row]:
    """The rows of every theme: measured, failed with their error, or not begun and why."""
    clock = Clock(seconds)
    place.left = clock.left
    for theme in themes:
        expected = theme.small if place.small else theme.seconds
        if clock.left() < expected + MARGIN:
            yield skipped(
                theme.name, f"not begun: {expected:g} s expected, {clock.left():.0f} left"
            )
            continue
        yield from _rows(theme, place)
        gc.collect()  # arrays of one theme must not narrow the next


def _rows(theme: Theme, place: Place) -> Iterator[Row]:
    start = time.perf_counter()
    try:
        with place.on():
            for row in theme.run(place):
                yield row._replace(theme=theme.name)
    except Exception as error:
        yield failed(theme.name, error)
    took = time.perf_counter() - start
    yield Row(theme.name, "seconds of the theme", took, unit="s")


def failed(theme: str, error: Exception) -> Row:
    """A row that holds an error, in one line."""
    text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return Row(theme, "raised", None, note=text)


def recorded(place: Place, log: Log, seconds: float, themes: tuple[Theme, ...] = THEMES) -> None:
    """Measure, and write every row down as it comes."""
    watch = Watchdog(log, themes, seconds)
    for row in measured(place, seconds, themes):
        log.add(row, peak_bytes=place.peak())
        print(f"{row.theme}: {row.what}: {row.value} {row.unit} {row.note}", flush=True)
    watch.stop()


class Watchdog:
    """Writes down what is unfinished shortly before the end, and ends the process: a call into a device cannot be interrupted."""

    def __init__(self, log: Log, themes: tuple[Theme, ...], seconds: float):
        self._log, self._names = log, [theme.name for theme in themes]
        self._timer = threading.Timer(max(0.0, seconds - MARGIN / 2), self._end)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.note()
        os._exit(ENDED)

    def note(self) -> None:
        """A row for each theme that has not ended."""
        ended = {row["theme"] for row in self._log.rows if "seconds of" in row["what"]}
        known = ended | {row["theme"] for row in self._log.rows if row["what"] == "skipped"}
        for name in self._names:
            if name not in known:
                self._log.add(skipped(name, "unfinished: the minutes are over"))


def machine_of(place: Place) -> dict[str, Any]:
    """Card, driver's memory, versions and date."""
    from benchmarks.report import machine

    stats = place.device.memory_stats() or {}
    return {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "device": f"{place.device.platform}: {place.device.device_kind}",
        "device memory (GiB)": round(stats.get("bytes_limit", 0) / 2**30, 1) or None,
        "small": place.small,
        **machine(),
        "backend": jax.default_backend(),
    }
