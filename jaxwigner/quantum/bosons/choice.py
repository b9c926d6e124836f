"""Which modes and which occupations a run of N bosons needs, chosen from a tolerance.

Bogoliubov's theory (N = ∞) orders the modes. Its squeezed vacuum gives the occupations that a large N needs (`FockSpace.suited`). A few
bosons are another matter: N of them fill N quanta and no more, and what the theory would put into one mode spreads over many. For them
a space with all occupations of many modes is small, and only the number of modes is left to choose.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jaxwigner.quantum.bosons.fock_space import FockSpace
from jaxwigner.quantum.bosons.result import Excitations

MOST = 6000  # occupations of a space that is chosen, not asked for
MODES = {2: (16, 24, 32), 3: (12, 16, 20), 4: (8, 12, 16)}  # of a complete space, by the few N


def suggestions(run: Excitations, tolerance: float) -> Iterator[FockSpace]:
    """Spaces that may hold, to `tolerance`, what `run` could not, from small to large; none for too many excitations."""
    number = float(np.max(np.asarray(run.bodies.number)))
    if number in MODES:
        yield from (FockSpace.complete(modes, int(number)) for modes in MODES[int(number)])
        return
    occupied = np.asarray(run.occupations)
    for share in (0.3, 0.1, 0.01):
        space = FockSpace.suited(occupied, share * tolerance)
        if space.volume <= 20 * MOST and space.dimension <= MOST:
            yield space
