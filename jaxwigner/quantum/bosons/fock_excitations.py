"""N bosons for any N from 1 to ∞: the excitations out of a co-moving condensate, in a truncated Fock space.

    Ψ_N(0) = φ^{⊗N},   iħ ∂_tΨ_N = Σ_j(−(ħ²/2m)Δ_j + U(x_j))Ψ_N + (1/N)Σ_{j<k}V(x_j − x_k)Ψ_N          (Golse–Paul (10), corrected)

φ(t) solves the Hartree equation; m more orbitals, those that Bogoliubov's theory occupies most, are carried by the same mean field, and
the exact generator of `excitation_generator.py` acts on their occupations. The dimension does not depend on N: one `jax.vmap` serves
all N and all ħ. The mean-field limit is measured by Δ = N(R¹_N − |φ⟩⟨φ|), which has a limit for N → ∞ (Golse–Paul Theorem 2.6).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex

from jaxwigner._checks import (
    check_finite_complex,
    check_integer,
    check_positive_scalar,
    check_real,
    check_scalar,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import square
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import evaluated, external_values, has_no_edge
from jaxwigner.potentials.pairs.on_grids import kernel_spectrum
from jaxwigner.quantum.bosons.bogoliubov import (
    Bogoliubov,
    leading_modes,
    run_bogoliubov,
    runge_kutta,
)
from jaxwigner.quantum.bosons.certificate import Certified, certified
from jaxwigner.quantum.bosons.choice import suggestions
from jaxwigner.quantum.bosons.comoving import MeanField, polynomial_orbitals
from jaxwigner.quantum.bosons.fock_space import FockSpace
from jaxwigner.quantum.bosons.generator import Bodies, apply_generator
from jaxwigner.quantum.bosons.interaction import pair_matrix
from jaxwigner.quantum.bosons.result import Excitations, measured
from jaxwigner.quantum.hartree import pair_on
from jaxwigner.states import as_complex

DEFAULT_SPACE = FockSpace((0.45, 1.1, 2.0, 3.0, 4.0, 5.0), cutoff=9.0, degree=3)
Modes = tuple[Array, Array]
SPARE = 2  # more modes, to compare with
CANDIDATES = 16  # orbitals among which a Bogoliubov run chooses


class FockExcitations(eqx.Module):
    """N bosons with Ψ_N(0) = φ^{⊗N} under H_N = Σ(−(ħ²/2m)Δ_j + U(x_j)) + (1/N)Σ_{j<k}V(x_j − x_k), N = 1 … ∞.

    **Arguments:** `grid`: the `Grid` of one body; `pair`: V, an even `Potential` or function of the difference; `hbar`, `mass`:
    positive, may be traced; `number`: N ≥ 1 or `inf`, may be traced; `external`: U, a `Potential`, a function or values on the
    grid; `space`: the `FockSpace` of m modes (static), by default one for moderately many excitations, which an eager `evolve` enlarges
    where its tolerance asks for it; `candidates`: number of orbitals among which the m modes are chosen.

    **Raises:** `ValueError` for arguments that cannot be right.

    >>> import jax, jaxwigner as jw
    >>> grid = jw.Grid(-12.0, 12.0, 64)
    >>> bosons = jw.FockExcitations(grid, jw.potentials.Gaussian(1.0, 1.0), hbar=1.0, number=100)
    >>> phi = jw.coherent_state(grid, 0.0, 0.0, 1.0)
    >>> run = jax.jit(lambda phi: bosons.evolve(phi, duration=1.0, steps=20))(phi)
    >>> round(float(run.distance), 3)  # N ‖R¹_N − |φ⟩⟨φ|‖₁
    0.256
    """

    grid: Grid
    pair: Potential
    hbar: Scalar
    number: Scalar
    external: Potential | Array | None
    mass: Scalar
    space: FockSpace = eqx.field(static=True)
    candidates: int = eqx.field(static=True)

    def __init__(
        self,
        grid: Grid,
        pair: Any,
        hbar: Scalar,
        number: Scalar,
        external: Any = None,
        *,
        mass: Scalar = 1.0,
        space: FockSpace = DEFAULT_SPACE,
        candidates: int = CANDIDATES,
    ):
        self.pair = pair_on(grid, pair, hbar)
        check_positive_scalar("mass", mass)
        _check_number(number)
        require(isinstance(space, FockSpace), "space", "be a FockSpace", space)
        check_integer("candidates", candidates, at_least=space.modes)
        points = int(np.prod(grid.shape))
        require(candidates < points, "candidates", f"be below the points ({points})", candidates)
        self.grid, self.hbar, self.number, self.mass = grid, hbar, number, mass
        self.external = external_values(external, grid)
        self.space, self.candidates = space, int(candidates)

    @property
    def field(self) -> MeanField:
        """The mean field that carries the orbitals."""
        spectrum = kernel_spectrum(self.pair, self.grid)
        outside = evaluated(self.external, self.grid)
        return MeanField(self.grid, spectrum, outside, self.hbar, self.mass)

    @property
    def periodic(self) -> bool:
        """Whether the box has no edges."""
        return has_no_edge(self.grid, self.pair, self.external)

    def evolve(
        self,
        phi: Complex[Array, "*shape"],
        *,
        duration: Scalar,
        steps: int,
        tolerance: float = 1e-3,
        throw: bool = True,
    ) -> Excitations:
        """The state at time `duration` of N bosons that start in φ^{⊗N}.

        **Arguments:** `phi`: φ of the grid's shape and norm 1; `steps`: of order 4 each, static; `tolerance`: how much probability
        the last shell of the `FockSpace` and the modes left out may hold; `throw`: raise if more.

        **Returns:** `Excitations`: Δ, its trace norm, ⟨n⟩, the energy, and what certifies them.

        **Raises:** `ValueError` for a φ of another shape or norm, and for a run that is not resolved, with the remedy.
        """
        run = self._run(self._modes(phi, duration, steps), self.space, duration, steps)
        if not throw:
            return run
        if self.space == DEFAULT_SPACE and concrete(run.distance) and not run.holds(tolerance):
            run = self._enlarged(run, phi, duration, steps, tolerance)
        return run.check(tolerance)

    def _enlarged(
        self, run: Excitations, phi: Any, duration: Scalar, steps: int, tolerance: float
    ) -> Excitations:
        """The run in the first larger space that holds it, else in the last; no space mends a grid or too many excitations."""
        if not run.mendable:
            return run
        for space in suggestions(run, tolerance):
            run = self._within(space).evolve(phi, duration=duration, steps=steps, throw=False)
            if run.holds(tolerance):
                break
        return run

    def _within(self, space: FockSpace) -> FockExcitations:
        """The same bosons in another space."""
        candidates = max(self.candidates, space.modes)
        return FockExcitations(
            self.grid,
            self.pair,
            self.hbar,
            self.number,
            self.external,
            mass=self.mass,
            space=space,
            candidates=candidates,
        )

    def _modes(self, phi: Any, duration: Scalar, steps: int) -> Modes:
        """φ and the modes at time 0, two more than the space has, with their occupations."""
        return self._chosen(self._start(phi, duration, steps), duration, steps)

    @once
    def _chosen(self, orbitals: Array, duration: Scalar, steps: int) -> Modes:
        rough = max(steps // 2, 1)  # which modes are chosen need not be known well
        count = min(self.space.modes + SPARE, self.candidates)
        return leading_modes(self.field, orbitals, count, duration, rough)

    @once
    def _run(self, modes: Modes, space: FockSpace, duration: Scalar, steps: int) -> Excitations:
        """The run in a Fock space over the first of the modes."""
        first, occupied = modes[0][: space.modes + 1], modes[1]
        field, bodies = self.field, Bodies(self.number)
        start = jnp.zeros(space.dimension, first.dtype).at[0].set(1.0)

        def rate(matrix, c):
            return (-1j / field.hbar) * apply_generator(space, bodies, matrix, c)

        last, c, _ = runge_kutta(
            field, first, start, lambda o: pair_matrix(field, o), rate, duration / steps, steps
        )
        return measured(space, bodies, field, first, last, c, occupied, self.periodic)

    def certify(
        self,
        phi: Complex[Array, "*shape"],
        *,
        duration: Scalar,
        steps: int,
        tolerance: float = 1e-2,
        throw: bool = True,
    ) -> Certified:
        """The same run with error estimates, by four more runs: a smaller Fock space, two modes fewer, two more, half the steps.

        **Returns:** `Certified`, whose `distance` and `excitations` are `Bracket`s.

        **Raises:** `ValueError` if the errors exceed `tolerance` relative to N‖R¹_N − |φ⟩⟨φ|‖₁, with what is needed.
        """
        modes = self._modes(phi, duration, steps)
        spare = len(modes[0]) - 1 - self.space.modes
        known = certified(
            lambda space, steps: self._run(modes, space, duration, steps), self.space, steps, spare
        )
        if throw:
            known.run.check(tolerance)
        return known.check(tolerance) if throw else known

    def bogoliubov(
        self, phi: Complex[Array, "*shape"], *, duration: Scalar, steps: int
    ) -> Bogoliubov:
        """The limit N → ∞ by Bogoliubov's theory between all candidates: no Fock space, and hence nothing truncated there."""
        orbitals = self._start(phi, duration, steps)
        return run_bogoliubov(self.field, orbitals, duration, steps)

    def _start(self, phi: Any, duration: Scalar, steps: int) -> Complex[Array, " p *shape"]:
        check_finite_complex("phi", phi, self.grid.shape)
        check_scalar("duration", duration)
        check_integer("steps", steps, at_least=1)
        norm = jnp.sum(square(as_complex(jnp.asarray(phi)))) * self.grid.cell
        if concrete(norm):
            require(abs(norm - 1) <= 1e-5, "phi", "have norm 1", f"of norm² {float(norm):g}")
        phi = as_complex(jnp.asarray(phi))
        count = self.candidates + 1
        return polynomial_orbitals(phi, self.grid, count, periodic=self.periodic)


def _check_number(number: Any) -> None:
    """N = 1, 2, … or ∞."""
    check_real("number", number)
    if concrete(number):
        value = np.asarray(number, float)
        require(value.ndim == 0, "number", "be a single number (use `jax.vmap`)", number)
        whole = bool(np.isinf(value) and value > 0) or (value >= 1 and value == np.round(value))
        require(whole, "number", "be an integer of at least 1, or inf", number)
