"""The command: `python -m benchmarks.device --minutes 8 --out DIR [--platform cpu] [--small]`, from a bare checkout."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import jax

from jaxwigner.provenance import device_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 when a target was missed or a theme raised; 2 for a platform that is not there."""
    begin = time.perf_counter() - time.process_time()  # what was imported took its time too
    options = _options(arguments)
    os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.9")  # the rest is for libraries
    jax.config.update("jax_enable_x64", True)
    try:
        device = device_of(options.platform)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    # These make arrays when they are imported.
    from benchmarks.device.log import Log
    from benchmarks.device.measure import THEMES, machine_of, recorded
    from benchmarks.device.place import Place

    names = [theme.name for theme in THEMES]
    for name in options.only or ():
        if name not in names:
            print(f"Argument `--only` must be among {', '.join(names)}, but is {name}")
            return 2
    chosen = tuple(theme for theme in THEMES if theme.name in (options.only or names))
    place = Place(device, device_of("cpu"), options.small)
    log = Log(options.out, machine_of(place))
    recorded(place, log, 60 * options.minutes - (time.perf_counter() - begin), chosen)
    log.close()
    bad = [row for row in log.rows if row["met"] is False or row["what"] == "raised"]
    print(f"{len(log.rows)} rows, {len(bad)} missed or raised; {options.out / 'devices.md'}")
    return 1 if bad else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.device", description=__doc__)
    parser.add_argument("--minutes", type=float, default=8.0, help="the run ends within them")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where rows go")
    parser.add_argument("--platform", default="gpu", help="of the device; 'cpu' for a rehearsal")
    parser.add_argument("--small", action="store_true", help="the sizes of a rehearsal")
    parser.add_argument("--only", action="append", metavar="THEME", help="may be repeated")
    options = parser.parse_args(arguments)
    if not options.minutes > 0:
        parser.error(f"argument --minutes: must be positive, but is {options.minutes:g}")
    return options


if __name__ == "__main__":
    sys.exit(main())
