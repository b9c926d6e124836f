"""What the results for E_ħ² and MK_ħ² have in common: two brackets, and how they are told."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket


class Certified(eqx.Module):
    """`cost`: bracket of the squared distance; `discrete`: that of the problem that was solved."""

    cost: Bracket
    discrete: Bracket

    @property
    def distance(self) -> Bracket:
        """The distance itself, the root of `cost`."""
        return self.cost.sqrt()

    @property
    def relative_gap(self) -> Array:
        """(upper − lower)/upper of the discrete problem."""
        return jnp.asarray(self.discrete.width / self.discrete.upper)


def bounds_of(name: str, cost: Bracket) -> str:
    """Between what the square of a distance of that name lies.

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.transport.certified import bounds_of
    >>> bounds_of("E_ħ", Bracket(0.25, 0.5))
    'E_ħ² in [0.25, 0.5]'
    """
    return f"{name}² in [{float(cost.lower):.9g}, {float(cost.upper):.9g}]"


def manner(found: Any) -> str:
    """The method of a result, and whether it came to an end."""
    return f"{found.method}, {'converged' if bool(found.converged) else 'NOT converged'}"


def report(name: str, found: Any, sizes: str) -> str:
    """Bounds, method, sizes and errors of a result, for `print`."""
    lines = [
        f"{bounds_of(name, found.cost)}  ({manner(found)}, {int(found.iterations)} iterations)",
        f"  {sizes}, relative gap {float(found.relative_gap):.1e}",
    ]
    lines += [f"  {error}: {float(size):.2e}" for error, size in found.errors.items()]
    return "\n".join(lines)
