"""The focusing WKB state of Bao, Jin and Markowich (2002, Example 1), its classical limit, and what is known exactly.

    ψ_0 = √ρ_0 e^{iS_0/ε},   √ρ_0 = e^{−25(x−½)²},   S_0 = −(1/5) ln(e^{5(x−½)} + e^{−5(x−½)})

Free motion takes the mass at y to y + tS_0′(y); neighbours first meet at −1/min S_0″ = 1/5.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid

CAUSTIC_TIME = 0.2
LABELS = (
    1 << 18
)  # points y of the limit measure, equally spaced: spectrally accurate for smooth observables


def amplitude(x: Any) -> Any:
    """√ρ_0(x) = e^{−25(x−½)²}."""
    return jnp.exp(-25.0 * (x - 0.5) ** 2)


def phase(x: Any) -> Any:
    """S_0(x) = −(1/5) ln(e^{5(x−½)} + e^{−5(x−½)})."""
    u = 5.0 * (x - 0.5)
    return -0.2 * jnp.logaddexp(u, -u)


def slope(x: Any) -> Any:
    """S_0′(x) = −tanh 5(x−½), the momentum at x."""
    return -jnp.tanh(5.0 * (x - 0.5))


def initial_state(x: Any, epsilon: Any) -> Any:
    """ψ_0 = √ρ_0 e^{iS_0/ε} at the points x.

    >>> from jaxwigner.studies.experiments.bao_jin_markowich import state as focusing
    >>> round(float(abs(focusing.initial_state(0.5, 0.01))), 12)
    1.0
    """
    return amplitude(x) * jnp.exp(1j * (phase(x) / epsilon))


class Limit(NamedTuple):
    """The limit measure as labels y with masses ρ_0(y)dy, their positions y + tS_0′(y) and momenta S_0′(y)."""

    masses: Any
    positions: Any
    momenta: Any


def limit(time: Any, count: int = LABELS) -> Limit:
    """The Wigner measure at a time, by characteristics from equally spaced labels.

    >>> import numpy as np
    >>> from jaxwigner.studies.experiments.bao_jin_markowich import state as focusing
    >>> start = focusing.limit(0.0)
    >>> bool(np.isclose(start.masses.sum(), np.sqrt(np.pi / 50)))
    True
    """
    y = jnp.asarray(np.linspace(-0.5, 1.5, count, endpoint=False))
    masses = amplitude(y) ** 2 * (2.0 / count)
    return Limit(masses, y + time * slope(y), slope(y))


def limit_observables(time: Any) -> tuple[Any, Any]:
    """∫ρ cos 2πx and ∫J sin 2πx of the limit: ∫ρ_0 cos 2π(y + tS_0′) dy and ∫ρ_0 S_0′ sin 2π(y + tS_0′) dy.

    >>> from jaxwigner.studies.experiments.bao_jin_markowich import state as focusing
    >>> round(float(focusing.limit_observables(0.54)[0]), 10)
    -0.1788690417
    """
    measure = limit(time)
    angle = 2 * jnp.pi * measure.positions
    moving = measure.masses * measure.momenta
    return jnp.sum(measure.masses * jnp.cos(angle)), jnp.sum(moving * jnp.sin(angle))


def closed_form(grid: Grid, time: Any, epsilon: Any) -> Any:
    """∫ρ_ε(t,x) cos 2πx dx by free motion of the Wigner function: Re ∫ψ_0*(x−h)ψ_0(x+h)e^{2πix}dx, h = πεt."""
    (x,) = grid.mesh
    shift = jnp.pi * epsilon * time
    pair = jnp.conj(initial_state(x - shift, epsilon)) * initial_state(x + shift, epsilon)
    return jnp.real(jnp.sum(pair * jnp.exp(2j * jnp.pi * x))) * grid.cell
