"""How well a run of `FockExcitations` is known: the same run with a smaller Fock space, fewer modes and more, and half the steps.

What changes is an estimate of the error left, and a generous one: each comparison with a poorer run measures the error of that one.
More modes are tried besides, because few bosons fill modes in another order than Bogoliubov's theory ranks them, and then fewer modes
change nothing. None of the comparisons sees the grid, which the run's own diagnostics watch.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import concrete
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.quantum.bosons.fock_space import FockSpace
from jaxwigner.quantum.bosons.result import Excitations

OF_FEW = 2.0  # for few bosons the modes left out were worth up to 1.2 times those that are tried
ORDER = 4  # of the time steps: half of them have 2⁴ times the error


class Certified(eqx.Module):
    """A run and its errors, each for (N‖R¹_N − |φ⟩⟨φ|‖₁, ⟨n⟩): `truncation` of Fock space, number of `modes`, `time` steps."""

    run: Excitations
    truncation: Float[Array, " 2"]
    modes: Float[Array, " 2"]
    time: Float[Array, " 2"]

    @property
    def error(self) -> Float[Array, " 2"]:
        """All errors together."""
        return self.truncation + self.modes + self.time

    @property
    def distance(self) -> Bracket:
        """N‖R¹_N − |φ⟩⟨φ|‖₁ between estimated bounds, 0 and ∞ where a run has diverged."""
        return _between(self.run.distance, self.error[..., 0])

    @property
    def excitations(self) -> Bracket:
        """⟨n⟩ between estimated bounds."""
        return _between(self.run.excitations, self.error[..., 1])

    def check(self, tolerance: float) -> Certified:
        """This result, if the distance is known to `tolerance`, relative to itself.

        **Raises:** `ValueError` with what was reached and what is needed; under jit the same at run time.
        """
        reached = self.error[..., 0] / self.run.distance
        bad = ~(reached <= tolerance)
        if concrete(bad):
            if np.any(np.asarray(bad)):
                raise ValueError(self._complaint(tolerance, float(np.max(reached))))
            return self
        text = "Run of FockExcitations misses its tolerance; see the errors of `throw=False`"
        checked = eqx.error_if(self.truncation, bad, text)
        return eqx.tree_at(lambda result: result.truncation, self, checked)

    def _complaint(self, tolerance: float, reached: float) -> str:
        space = self.run.space
        shares = {
            name: float(np.max(getattr(self, name)[..., 0]))
            for name in ("truncation", "modes", "time")
        }
        remedies = {
            "truncation": f"a `cutoff` of about {self.run.needed_cutoff(0.1 * tolerance):.2g} (now {space.cutoff:g})",
            "modes": f"more than {space.modes} modes (`weights` of the space)",
            "time": "more `steps`",
        }
        worst = max(shares, key=lambda name: shares[name])
        return (
            f"Run of FockExcitations misses its tolerance: the distance is known to {reached:.1e}, asked for {tolerance:.1e}; "
            f"the largest error is that of `{worst}`: it needs {remedies[worst]}"
        )


def _between(value: Array, error: Array) -> Bracket:
    """A number ≥ 0."""
    known = jnp.isfinite(value) & jnp.isfinite(error)
    half = jnp.where(known, error, jnp.inf)
    return Bracket.estimated(jnp.where(known, value, 0.0), half)


def certified(run_in: Callable, space: FockSpace, steps: int, spare: int) -> Certified:
    """`run_in(space, steps)`, an `Excitations`, and the runs to compare with; `spare`: how many more modes there are to try."""
    run = run_in(space, steps)
    here = _numbers(run)

    def change(other: FockSpace, count: int) -> Array:
        return jnp.abs(_numbers(run_in(other, count)) - here)

    # Two modes at once: where parity is conserved, one alone may change nothing.
    kept = max(1, space.modes - 2)
    fewer = FockSpace(space.weights[:kept], space.cutoff, space.degree)
    modes = change(fewer, steps)
    if spare > 0:
        modes += change(space.richer(spare), steps)
    modes *= jnp.where(run.few, OF_FEW, 1.0)
    slower = change(space, max(1, steps // 2)) / (2**ORDER - 1)
    return Certified(run, change(space.coarser(), steps), modes, slower)


def _numbers(run: Excitations) -> Float[Array, " 2"]:
    return jnp.stack([run.distance, run.excitations])
