"""A state without any symmetry, on a grid that is nowhere square, and the picture of one."""

import numpy as np

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)
NATURAL = jw.phase_grid(GRID, HBAR)


def superposition(grid=GRID, hbar=HBAR):
    """A state without any symmetry."""
    psi = jw.cat_state(grid, 1.5, 1.1, hbar, phase=0.4)
    return psi + (0.3 - 0.2j) * jw.squeezed_state(grid, 0.3, 0.2, hbar, 1.7)


def coordinates(phase):
    (x,), (p,) = phase.mesh
    return x, p


class Picture:
    """A Wigner function on a small window."""

    HBAR = 0.4
    GRID = jw.Grid(-3.0, 4.0, 40)
    PHASE = jw.PhaseGrid(GRID, jw.Grid(-2.0, 2.5, 30))

    @classmethod
    def W(cls):
        psi = jw.cat_state(cls.GRID, 1.2, 0.3, cls.HBAR)
        return np.asarray(jw.wigner(psi, cls.GRID, cls.PHASE, cls.HBAR))
