"""Splitting methods as tables of coefficients.

One step of length τ is  kick(b₁τ) drift(a₁τ) kick(b₂τ) … drift(a_sτ) kick(b_{s+1}τ), with Σa = Σb = 1. A method with a modified
kick replaces U by U − c τ²|∇U|²/m in stage j (a double commutator of Hamiltonians quadratic in p), c = `corrections[j]`.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np

from jaxwigner._checks import check_choice, check_finite, require


@dataclass(frozen=True)
class Method:
    """A symmetric splitting method; its coefficients are plain numbers, known when the program is compiled.

    `order` is the order of convergence, `stages` the number of drifts in a step (FFT pairs for a Schrödinger equation).

    >>> import jaxwigner as jw
    >>> jw.METHODS["strang"].kicks, jw.METHODS["strang"].drifts
    ((0.5, 0.5), (1.0,))
    """

    name: str
    order: int
    kicks: tuple[float, ...]
    drifts: tuple[float, ...]
    corrections: tuple[float, ...] = ()

    def __post_init__(self):
        for name in ("kicks", "drifts", "corrections"):
            values = getattr(self, name)
            check_finite(name, values)
            # The engine opens and closes a step with the same kick, and runs backwards.
            same = np.allclose(values, values[::-1], rtol=0, atol=1e-14)
            require(same, name, "be symmetric", values)
            consistent = name == "corrections" or abs(sum(values) - 1) < 1e-12
            require(consistent, name, "sum to 1", sum(values))
        counts = len(self.kicks) == len(self.drifts) + 1
        require(counts, "kicks", "be one more than the drifts", len(self.kicks))
        fits = len(self.corrections) in (0, len(self.kicks))
        require(fits, "corrections", "be one for each kick", len(self.corrections))

    @property
    def stages(self) -> int:
        """Drifts per step."""
        return len(self.drifts)

    @property
    def general(self) -> bool:
        """Whether its order holds for any two operators: for drifts that are not quadratic in p, and for kicks that do not commute.

        e^{τ(A + B)} has the coefficient 1/m! at every word of m letters A, B. Runge–Kutta–Nyström methods of order 6 leave out what
        holds [B, [B, [B, A]]], which vanishes where A is p²/2m and B a function of x.
        """
        return not self.modified and _words_gap(self.kicks, self.drifts, self.order) < 1e-10

    @property
    def modified(self) -> bool:
        """Whether some kick uses the modified potential, which needs ∇U."""
        return any(self.corrections)


@functools.cache
def _words_gap(kicks: tuple[float, ...], drifts: tuple[float, ...], order: int) -> float:
    """How far the words of up to `order` letters are from those of the exponential of the sum."""
    words = {"": 1.0}
    for letter, c in [
        ("B", kicks[0]),
        *(p for a, b in zip(drifts, kicks[1:]) for p in (("A", a), ("B", b))),
    ]:
        longer: dict[str, float] = {}
        for word, value in words.items():
            for k in range(order - len(word) + 1):
                more = word + letter * k
                longer[more] = longer.get(more, 0.0) + value * c**k / math.factorial(k)
        words = longer
    every = ("".join(w) for m in range(order + 1) for w in itertools.product("AB", repeat=m))
    return max(abs(words.get(word, 0.0) - 1 / math.factorial(len(word))) for word in every)


def _mirror(half: tuple[float, ...], middle: tuple[float, ...] = ()) -> tuple[float, ...]:
    return (*half, *middle, *reversed(half))


def _nystrom_4() -> Method:
    # Blanes & Moan, J. Comput. Appl. Math. 142 (2002) 313, table 3, the RKN method of 6 stages and order 4.
    b = (0.0829844064174052, 0.3963098014983681, -0.0390563049223486)
    a = (0.2452989571842710, 0.6048726657110800)
    kicks = _mirror(b, (1 - 2 * sum(b),))
    return Method("blanes-moan-4", 4, kicks, _mirror((*a, 0.5 - sum(a))))


def _nystrom_6() -> Method:
    # The same table, the RKN method of 11 stages and order 6.
    b = (
        0.0414649985182624,
        0.1981286719180670,
        -0.0400061921041533,
        0.0752539843015807,
        -0.0115113874206879,
    )
    a = (
        0.1232297759462710,
        0.2905537977995580,
        -0.1270492126254170,
        -0.2463317610620750,
        0.3572088727959280,
    )
    kicks = _mirror((*b, 0.5 - sum(b)))
    return Method("blanes-moan-6", 6, kicks, _mirror(a, (1 - 2 * sum(a),)))


def _symmetric_4() -> Method:
    # The same table, S of 6 stages and order 4: for any two operators.
    b = (0.0792036964311957, 0.353172906049774, -0.0420650803577195)
    a = (0.209515106613362, -0.143851773179818)
    return Method("symmetric-4", 4, _mirror(b, (1 - 2 * sum(b),)), _mirror((*a, 0.5 - sum(a))))


def _symmetric_6() -> Method:
    # The same table, S of 10 stages and order 6.
    b = (
        0.0502627644003922,
        0.413514300428344,
        0.0450798897943977,
        -0.188054853819569,
        0.541960678450780,
    )
    a = (0.148816447901042, -0.132385865767784, 0.067307604692185, 0.432666402578175)
    return Method("symmetric-6", 6, _mirror(b, (1 - 2 * sum(b),)), _mirror((*a, 0.5 - sum(a))))


METHODS = {
    "strang": Method("strang", 2, (0.5, 0.5), (1.0,)),
    "blanes-moan-4": _nystrom_4(),
    "blanes-moan-6": _nystrom_6(),
    "symmetric-4": _symmetric_4(),
    "symmetric-6": _symmetric_6(),
    # Chin, Phys. Lett. A 226 (1997) 344, scheme A: the middle kick is that of U − (τ²/48)|∇U|²/m.
    "chin-4a": Method("chin-4a", 4, (1 / 6, 2 / 3, 1 / 6), (0.5, 0.5), (0.0, 1 / 48, 0.0)),
}
DEFAULT_METHOD = "blanes-moan-4"


def check_general(method: Method, where: str = "`kinetic` is not p²/2m") -> None:
    """What is not a kinetic energy p²/2m with numbers for kicks asks for a method that does not count on it."""
    others = ", ".join(f"'{name}'" for name, one in METHODS.items() if one.general)
    must = f"be one of {others} where {where}, on which the order of others rests"
    require(method.general, "method", must, method.name)


def check_positive_kicks(method: Method) -> None:
    """Diffusion is for kicks of positive length."""
    others = ", ".join(f"'{name}'" for name, one in METHODS.items() if min(one.kicks) >= 0)
    must = f"be one of {others} where momenta diffuse, which a kick of negative length would undo"
    require(min(method.kicks) >= 0, "method", must, method.name)


def find_method(method: str | Method) -> Method:
    """The method of that name, or the method itself."""
    if isinstance(method, Method):
        return method
    check_choice("method", method, METHODS)
    return METHODS[method]
