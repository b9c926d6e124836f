"""Model surfaces of one coordinate: Tully's three, an avoided crossing, three levels in a row."""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.potentials._parameters import cast, parameter
from jaxwigner.potentials.surfaces.matrix import MatrixPotential


def symmetric(upper: list[list[Array]]) -> Float[Array, "*shape n n"]:
    """The matrix with these rows of its upper triangle."""
    n = len(upper)
    rows = [[upper[min(a, b)][abs(b - a)] for b in range(n)] for a in range(n)]
    flat = jnp.broadcast_arrays(*(one for row in rows for one in row))
    return jnp.stack(flat, -1).reshape(*flat[0].shape, n, n)


class _OnLine(MatrixPotential):
    """Surfaces of one coordinate."""

    levels_count: ClassVar[int] = 2

    @property
    def size(self) -> int:
        return self.levels_count

    @property
    def dimension(self) -> int | None:
        return 1


def _step(scale: Array, x: Array) -> Array:
    """sign(x)(1 − e^{−b|x|}), with its slope b at 0."""
    right = x > 0
    there = -jnp.expm1(-scale * jnp.where(right, x, 0.0))
    return jnp.where(right, there, jnp.expm1(scale * jnp.where(right, 0.0, x)))


class Tully(_OnLine):
    """The models of J. C. Tully, J. Chem. Phys. 93 (1990) 1061: atomic units, mass 2000.

    1, a single avoided crossing: V₁₁ = −V₂₂ = ±A(1 − e^{−B|x|}) by the sign of x, V₁₂ = Ce^{−Dx²}.
    2, a dual one: V₁₁ = 0, V₂₂ = E − Ae^{−Bx²}, V₁₂ = Ce^{−Dx²}.
    3, extended coupling with reflection: V₁₁ = −V₂₂ = A, V₁₂ = Be^{Cx} for x < 0, B(2 − e^{−Cx}) for x > 0.

    **Arguments:** `model`: 1, 2 or 3; `constants`: other values of A, B, C, D, E by name.

    **Raises:** `ValueError` for another model, and for a constant that the model does not have.

    >>> import jaxwigner as jw
    >>> [jw.potentials.Tully(model)(0.0)[0, 1].item() for model in (1, 2, 3)]
    [0.005, 0.015, 0.1]
    """

    _KNOWN: ClassVar[dict[int, dict[str, float]]] = {
        1: {"A": 0.01, "B": 1.6, "C": 0.005, "D": 1.0},
        2: {"A": 0.1, "B": 0.28, "C": 0.015, "D": 0.06, "E": 0.05},
        3: {"A": 6e-4, "B": 0.1, "C": 0.9},
    }

    constants: dict[str, Float[Array, ""]]
    model: int = eqx.field(static=True)

    def __init__(self, model: int, **constants: Any):
        known = isinstance(model, int) and not isinstance(model, bool) and model in self._KNOWN
        require(known, "model", "be 1, 2 or 3", model)
        values = self._KNOWN[model]
        names = ", ".join(values)
        for name in constants:
            require(name in values, name, f"be one of {names} of model {model}", constants[name])
        values = {**values, **constants}
        self.constants = {name: parameter(name, value) for name, value in values.items()}
        self.model = model

    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        (q,) = self.coordinates(*x)
        c = {name: cast(value, q) for name, value in self.constants.items()}
        return symmetric([self._one, self._two, self._three][self.model - 1](c, q))

    def _one(self, c: dict[str, Array], x: Array) -> list[list[Array]]:
        first = c["A"] * _step(c["B"], x)
        return [[first, c["C"] * jnp.exp(-c["D"] * x**2)], [-first]]

    def _two(self, c: dict[str, Array], x: Array) -> list[list[Array]]:
        second = c["E"] - c["A"] * jnp.exp(-c["B"] * x**2)
        return [[jnp.zeros_like(x), c["C"] * jnp.exp(-c["D"] * x**2)], [second]]

    def _three(self, c: dict[str, Array], x: Array) -> list[list[Array]]:
        across = c["B"] * (1 + _step(c["C"], x))
        return [[c["A"] + jnp.zeros_like(x), across], [-c["A"] + jnp.zeros_like(x)]]


class DeltaGap(_OnLine):
    """V(x) = [[½ tanh x, δ], [δ, −½ tanh x]]: an avoided crossing with the gap 2δ (WaveBlocks' `delta_gap`).

    **Arguments:** `delta`: δ, half the gap at x = 0.

    >>> import jaxwigner as jw
    >>> jw.potentials.DeltaGap(0.2).levels(0.0).tolist()
    [-0.2, 0.2]
    """

    delta: Float[Array, ""]

    def __init__(self, delta: Any):
        self.delta = parameter("delta", delta)

    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        (q,) = self.coordinates(*x)
        half = 0.5 * jnp.tanh(q)
        return symmetric([[half, cast(self.delta, q)], [-half]])


class SuperExchange(_OnLine):
    """Three levels in a row, the first and the third coupled through the second alone (`SuperExchange` of mudslide, mass 2000).

    V = diag(`energies`), V₁₂ = c₁e^{−x²/2}, V₂₃ = c₂e^{−x²/2}.

    **Arguments:** `energies`: three numbers; `strengths`: c₁, c₂.

    >>> import jaxwigner as jw
    >>> jw.potentials.SuperExchange()(0.0).tolist()
    [[0.0, 0.001, 0.0], [0.001, 0.01, 0.01], [0.0, 0.01, 0.005]]
    """

    levels_count: ClassVar[int] = 3

    energies: Float[Array, " three"]
    strengths: Float[Array, " two"]

    def __init__(self, energies: Any = (0.0, 0.01, 0.005), strengths: Any = (0.001, 0.01)):
        self.energies = parameter("energies", energies, vector=True)
        self.strengths = parameter("strengths", strengths, vector=True)
        for name, count in (("energies", 3), ("strengths", 2)):
            have = getattr(self, name).shape[0]
            require(have == count, name, f"be {count} numbers", f"{have}")

    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        (q,) = self.coordinates(*x)
        zero, bell = jnp.zeros_like(q), jnp.exp(-0.5 * q**2)
        first, second = (cast(c, q) * bell for c in self.strengths)
        e = [cast(one, q) + zero for one in self.energies]
        return symmetric([[e[0], first, zero], [e[1], second], [e[2]]])
