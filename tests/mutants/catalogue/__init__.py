"""The named changes, by what they are about, and those that cannot be noticed."""

from ..mutant import Mutant
from . import afg, afg_states, coulomb, coulomb_space, dynamics, gp, gp_bodies

MUTANTS: tuple[Mutant, ...] = (
    *gp.MUTANTS,
    *gp_bodies.MUTANTS,
    *afg_states.MUTANTS,
    *afg.MUTANTS,
    *coulomb.MUTANTS,
    *coulomb_space.MUTANTS,
    *dynamics.MUTANTS,
)
PROVED = {
    "M09a": "Λ = 1 + 2L, or any rate of at least 1 + L, is a true bound in Theorem 2.5: Theorem S (docs/theorems.md)",
}
