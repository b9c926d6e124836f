"""Rows of measured claims as a report: JSON for machines, a labelled dataset for xarray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxwigner.disk.folders import write_json as write_json
from jaxwigner.provenance import provenance, version
from jaxwigner.studies.claims import Row

COLUMNS = ("id", "case", "kind", "statement", "verdict")


def as_report(rows: Sequence[Row]) -> dict[str, Any]:
    """The content of report.json: version, device, precision, rows."""
    origin = provenance()
    return {
        "version": origin["version"],
        "device": origin["device"],
        "precision": origin["precision"],
        "rows": [row.as_dict() for row in rows],
    }


def check_version(found: Any, argument: str) -> None:
    """Refuse results of another version: its claims, their places and their data may be others.

    **Raises:** `ValueError`.

    >>> from jaxwigner.studies.claims.report import check_version
    >>> check_version("0.0.1", "folder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: Argument `folder` must hold results of version ..., but they are of 0.0.1: measure them again
    """
    if found != version():
        raise ValueError(
            f"Argument `{argument}` must hold results of version {version()}, but they are of {found}: measure them again"
        )


def as_dataset(rows: Sequence[Row]):
    """The rows as an `xarray.Dataset` over the dimension `row`; series of single rows keep their own dimensions."""
    import xarray

    records = [row.as_dict() for row in rows]
    variables: dict[str, Any] = {
        name: ("row", np.array([record[name] for record in records], dtype=object).astype(str))
        for name in COLUMNS
    }
    for side in ("lhs", "rhs"):
        ends = np.array([record[side] for record in records], dtype=float).reshape(-1, 2)
        variables[f"{side}_lower"] = ("row", ends[:, 0])
        variables[f"{side}_upper"] = ("row", ends[:, 1])
    used = [np.nan if record["r"] is None else record["r"] for record in records]
    variables["r"] = ("row", np.array(used, float))
    variables["rigorous"] = ("row", np.array([record["rigorous"] for record in records], bool))
    variables["expected"] = ("row", np.array([_joined(record["expected"]) for record in records]))
    variables["seconds"] = ("row", np.array([record["seconds"] for record in records], float))
    for number, row in enumerate(rows):
        for name, values in (row.series or {}).items():
            values = np.asarray(values)
            variables[f"series_{number}_{name}"] = (_axes(number, values.shape), values)
    return xarray.Dataset(variables, attrs={"experiment": "limits", **provenance()})


def _axes(number: int, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Dimensions named by their length, which the series of a row share; the second of one length in a series is another one."""
    return tuple(
        f"series_{number}_axis_{length}" + "_again" * shape[:place].count(length)
        for place, length in enumerate(shape)
    )


def _joined(expected: str | Sequence[str]) -> str:
    return expected if isinstance(expected, str) else " or ".join(expected)
