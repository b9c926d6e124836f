"""G14 and the upper arrow for bosons and a V that is not quadratic, N = 10 … 10⁴: rows of the full run."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality
from jaxwigner.potentials import Gaussian as Hill
from jaxwigner.quantum import FockExcitations
from jaxwigner.studies.claims.claim import Row, case, control, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems.gp.sharp import condensates, states


def squeezed() -> Iterator[Row]:
    """δ₀ and a condensate squeezed 5 : 1 under a bounded V: .21 of the paper's bound for N = 10⁴, .94 of e^{(1+L)t}."""
    half = 0.6 * np.pi / states.WAVENUMBER
    grid, v = Grid(-half, half, 256), states.stretched(0.5, 1.0)

    def program(hbar, numbers):
        phi = states.tilted_orbitals(grid, hbar, 5.0, v, 1)[0]

        def claims(N):
            bosons = FockExcitations(grid, states.hill(0.5), hbar, N)
            return condensates.squeezed_condensate(bosons, phi, duration=1.0, steps=64)

        return jax.lax.map(claims, numbers)

    found = lightly(program)(0.05, np.array([100.0, 1e4]))
    for k, (N, paper) in enumerate((("100", 0.13), ("10⁴", 0.2))):
        one = jax.tree.map(lambda leaf, k=k: leaf[k] if np.ndim(leaf) else leaf, found)
        name = f"bosons squeezed 5 : 1, N = {N}"
        yield from two_sided(name, one["paper"], paper, paper + 0.02)
        yield from two_sided(f"{name}, sharp form", one["sharp"], 0.93)


def husimi_functions() -> Iterator[Row]:
    """From a coherent state under a hill: N·W₁ of Husimi functions is the same for N = 10 … 10⁴ and bounded in ħ. Control: N times
    the trace norm is not bounded in ħ.
    """
    hbars, numbers = np.array([1.0, 0.3, 0.1, 0.03]), np.array([10.0, 100.0, 1e3, 1e4])
    found = lightly(
        lambda h, N, t: condensates.deviations(Hill(1.0, 1.0), h, N, duration=t, steps=24)
    )(hbars, numbers, 1.0)
    place, error = "beyond GP, upper arrow", np.max(found.missing) + 1e-3
    series = {"hbar": hbars, "N": numbers, "below": found.below, "above": found.above}

    def spread(values, axis: int) -> Bracket:
        ratio = np.max(values, axis) / np.min(values, axis)
        return Bracket.estimated(np.max(ratio), 2 * error * np.max(ratio))

    law = "largest/smallest N W₁(W̃[R¹_N], W̃[φ]), N = 10 … 10⁴, each ħ"
    for side in ("below", "above"):
        claim = Inequality(place, f"{law}, from {side}", spread(getattr(found, side), 1), 1.025)
        yield case(f"top: hill, N W₁ for every N, from {side}", claim, series=series)
    law = "N W₁(W̃[R¹_N], W̃[φ]) ≤ 0.3, ħ = 0.03 … 1 and N = 10 … 10⁴"
    above = Bracket.estimated(np.asarray(found.above), error * np.asarray(found.above))
    yield case("top: hill, N W₁ for every ħ", Inequality(place, law, above, 0.3))
    law = "largest/smallest of {} over ħ ≤ 2, N = 10⁴"
    rows = (case, "N W₁", "above"), (control, "N‖R¹_N − |φ⟩⟨φ|‖₁", "trace_norm")
    for row, name, key in rows:
        claim = Inequality(place, law.format(name), spread(getattr(found, key)[:, -1], 0), 2.0)
        yield row(f"top: hill, {name} uniformly in ħ", claim)
