"""The worst cases of the theorems: for each claim a hypothesis class, the sharpest case that a search finds in it, and what is known.

    theorem-2.5    E_ħ² under Vlasov and Hartree, even V              measured / Theorem S      (sharp: the supremum is 1)
    theorem-2.7    (1/N)E_ħ² for N = 2, even V                        measured / Theorem S      (sharp: the supremum is 1)
    odd-pair       the same as 2.5 for odd V, which no theorem covers measured / e^{θ_{√2L}}E_ħ(0)²
    one-sided      −L₁ ≤ V″ ≤ L₂ with L₂ > 3L₁, adapted metric        measured / e^{rate·T}E_ħ(0)²
    theorem-2.6    f^{⊗2} against two bodies, N = n = 2               measured / the bound with ½(1 + L) and ‖∇V‖²(N − 1)/N²
    lemma-5.1      ‖U_sΨ(T)‖² with U_b ≠ 0                            measured / ‖(H − κ)Ψ₀‖²
    estimate-9     ∫_{|R|<δ}|Ψ(T)|² with U_b ≠ 0                      measured / (δ/C)²‖(H − κ)Ψ₀‖²
    estimate-9-any-data  its supremum over all s-waves, maximised over U_b; beside γ(ħ/√(Cδ)), the supremum for U_b = 0
    estimate-9-free  the same as estimate-9 with U_b = 0              (sharp: the supremum is γ(ħ/√(Cδ)))

Every case is confirmed on four times the points with half the step (see `worst_case`), beside the best of random members.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxwigner.progress import Progress, quiet
from jaxwigner.provenance import provenance
from jaxwigner.studies.experiments.settings import choices, demand, within
from jaxwigner.studies.search import coulomb_classes as worst_coulomb
from jaxwigner.studies.search import growth_classes as worst_growth
from jaxwigner.studies.search.worst_case import Outcome, WorstCase, worst_case
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant

LENGTH, POINTS = 10.0, 140  # of the radial grid


@dataclass(frozen=True)
class Claim:
    """A claim, the class it is tried on, and the supremum of measured/bound where that is known."""

    name: str
    source: str
    bound: str
    members: str
    measure: Callable  # (parameters, frame, fine) to a dict with `ratio`, `paper`, `trust`
    draw: Callable
    frame: Any
    sharp: Callable  # (parameters, frame) to a number, NaN where nothing is known


@dataclass(frozen=True)
class Settings:
    """The keys of `configs/worst-case.toml`."""

    claims: tuple[str, ...]
    starts: int
    iterations: int
    random: int
    rate: float
    seed: int
    agreement: float
    hbar: float
    time: float
    lipschitz: float
    curvature: float
    odd_hbar: float
    odd_time: float
    odd_lipschitz: float
    charge: float
    radius: float
    oscillation: float

    def check(self) -> None:
        """Complain about what cannot be run."""
        choices("claims", self.claims, names())
        demand(len(set(self.claims)) == len(self.claims), "claims", "be distinct", self.claims)
        within(self, starts=(1, 1000), iterations=(1, 10_000), random=(1, 10**6))
        within(self, rate=(1e-4, 1.0), seed=(0, 2**31), agreement=(1e-9, 0.1))
        within(self, hbar=(0.01, 1.0), time=(0.05, 2.0), lipschitz=(0.05, 4.0))
        within(self, odd_hbar=(0.005, 1.0), odd_time=(0.01, 1.0), odd_lipschitz=(0.05, 40.0))
        within(self, curvature=(0.15, 12.0), charge=(0.1, 2.0), radius=(0.1, 2.0))
        within(self, oscillation=(0.01, 4.0))
        least = 3 * self.lipschitz
        must = f"be at least 3 `lipschitz` = {least:g}, where the rate of the claim holds"
        demand(self.curvature >= least, "curvature", must, self.curvature)
        theta = worst_growth.growth_angle(self.lipschitz, self.time)
        must = "be such that E_ħ² grows by a factor of at most e⁴"
        demand(theta <= 4.0, "time", must, self.time)
        theta = worst_growth.growth_angle(self.odd_lipschitz, self.odd_time)
        demand(theta <= 4.0, "odd_time", must, self.odd_time)


def names() -> tuple[str, ...]:
    """The known claims.

    >>> from jaxwigner.studies.experiments.worst_case import experiment as worst_claims
    >>> worst_claims.names()[:2]
    ('theorem-2.5', 'theorem-2.7')
    """
    return tuple(MAKERS)


def _even(name, source, bound, members, measure, sharp=1.0, curvature=False):
    def make(settings: Settings) -> Claim:
        L2 = settings.curvature if curvature else None
        frame = worst_growth.Frame(settings.hbar, settings.time, settings.lipschitz, L2)
        known = lambda a, frame: sharp  # noqa: E731
        return Claim(name, source, bound, members, measure, worst_growth.draw_even, frame, known)

    return make


def _odd(settings: Settings) -> Claim:
    frame = worst_growth.Frame(settings.odd_hbar, settings.odd_time, settings.odd_lipschitz)
    return Claim(
        "odd-pair",
        "beyond GP Theorem 2.5, odd V",
        "e^{θ_c}E_ħ(0)², c = √2L",
        "odd V, sup|V″| = L",
        worst_growth.odd_pair,
        worst_growth.draw_odd,
        frame,
        lambda a, frame: float("nan"),
    )


def _coulomb(name, source, bound, members, measure, key, free=False, gamma=False):
    def make(settings: Settings) -> Claim:
        frame = worst_coulomb.Frame(
            settings.hbar,
            settings.charge,
            settings.radius,
            settings.time,
            0.0 if free else settings.oscillation,
            LENGTH,
            POINTS,
        )

        def sharp(a, frame):
            if free or gamma:
                h = frame.hbar / np.sqrt(frame.charge * frame.radius)
                return float(sharp_constant(h))
            constants = functools.partial(worst_coulomb.sharp_constants, frame=frame, fine=True)
            return float(jax.jit(constants)(a)[key])

        return Claim(name, source, bound, members, measure, worst_coulomb.draw, frame, sharp)

    return make


_NAN = float("nan")
_SHELLS = "s-wave shells away from R = 0, U_b of three Gaussians"
_NINE = ("∫_{|R|<δ}|Ψ|² ≤ Kδ²/C²", worst_coulomb.estimate_9, "estimate_9")
MAKERS: dict[str, Callable[[Settings], Claim]] = {
    "theorem-2.5": _even(
        "theorem-2.5",
        "GP Theorem 2.5, sharp form",
        "δ cosh(θ_L + arccosh(E_ħ(0)²/δ))",
        "even V, sup|V″| = L; any p, pure R",
        worst_growth.theorem_25,
    ),
    "theorem-2.7": _even(
        "theorem-2.7",
        "GP Theorem 2.7, sharp form, N = 2",
        "δ cosh(θ_L + arccosh(E_ħ(0)²/Nδ))",
        "even V, sup|V″| = L; symmetric F₂, pure R₂",
        worst_growth.theorem_27,
    ),
    "odd-pair": _odd,
    "one-sided": _even(
        "one-sided",
        "beyond GP Theorem 2.5, adapted metric",
        "e^{(L₁+L₂)T/√(2(L₂−L₁))}E_{ħ,ω}(0)²",
        "even V, −L₁ ≤ V″ ≤ L₂",
        worst_growth.one_sided,
        _NAN,
        True,
    ),
    "theorem-2.6": _even(
        "theorem-2.6",
        "GP Theorem 2.6, sharper, N = n = 2",
        "(e^{gT}E_ħ(0)/√N + ‖∇V‖√((N−1)/2N²)(e^{gT}−1)/g)², g = ½(1+L)",
        "even V, sup|V″| = L; any f, symmetric pure R₂",
        worst_growth.theorem_26,
        _NAN,
    ),
    "lemma-5.1": _coulomb(
        "lemma-5.1",
        "AFG Lemma 5.1, U_b ≠ 0",
        "‖U_sΨ‖² ≤ K",
        _SHELLS,
        worst_coulomb.lemma_51,
        "lemma_51",
    ),
    "estimate-9": _coulomb("estimate-9", "AFG (9), U_b ≠ 0", _NINE[0], _SHELLS, *_NINE[1:]),
    "estimate-9-any-data": _coulomb(
        "estimate-9-any-data",
        "AFG (9), U_b ≠ 0, beside γ of U_b = 0",
        _NINE[0],
        "all s-waves, U_b of three Gaussians",
        worst_coulomb.estimate_9_of_any_data,
        "estimate_9",
        gamma=True,
    ),
    "estimate-9-free": _coulomb(
        "estimate-9-free",
        "AFG (9), U_b = 0",
        _NINE[0],
        "s-wave shells away from R = 0",
        *_NINE[1:],
        free=True,
    ),
}


def search(claim: Claim, settings: Settings, progress: Progress = quiet) -> WorstCase:
    """The worst case of one claim, with the size of search that the settings ask for."""

    def ratio(a, fine):
        found = claim.measure(a, claim.frame, fine)
        return Outcome(found["ratio"], found["trust"])

    return worst_case(
        ratio,
        claim.draw,
        starts=settings.starts,
        iterations=settings.iterations,
        random=settings.random,
        rate=settings.rate,
        seed=settings.seed,
        agreement=settings.agreement,
        progress=progress,
    )


def run(settings: Settings, progress: Progress = quiet):
    """The worst cases of all claims in `settings.claims`.

    **Returns:** an `xarray.Dataset` over `claim`: `found` (measured/bound of the sharpest confirmed case), `searched` (the same at the
    search's resolution), `random_best`, `paper` (the found case over the paper's own bound), `sharp` (the known supremum, NaN where
    there is none), `theorem_s` (of odd-pair: over Theorem S), `refused`, `seconds`; `history` and `random` over iterations and
    members; `parameters` of each case as JSON.

    **Raises:** `ValueError` if no case of a claim is confirmed.
    """
    found: list[dict[str, Any]] = []
    for number, name in enumerate(settings.claims):

        def advance(stage, done, total, name=name, number=number):
            progress(f"{name}: {stage}", number * total + done, len(settings.claims) * total)

        claim, start = MAKERS[name](settings), time.perf_counter()
        worst = search(claim, settings, advance)
        numbers = jax.jit(lambda a, claim=claim: claim.measure(a, claim.frame, True))
        values = {key: float(value) for key, value in numbers(worst.parameters).items()}
        found.append(
            {
                "claim": claim,
                "worst": worst,
                "values": values,
                "sharp": claim.sharp(worst.parameters, claim.frame),
                "seconds": time.perf_counter() - start,
            }
        )
    return _dataset(settings, found)


def _dataset(settings: Settings, found: list[dict[str, Any]]):
    import xarray

    worsts = [one["worst"] for one in found]
    members = np.full((len(found), settings.random), np.nan)
    for row, worst in zip(members, worsts):
        row[: worst.random.size] = worst.random[::-1]
    columns = {
        "found": [worst.ratio for worst in worsts],
        "searched": [worst.searched for worst in worsts],
        "random_best": [worst.random_best for worst in worsts],
        "paper": [one["values"]["paper"] for one in found],
        "sharp": [one["sharp"] for one in found],
        "theorem_s": [one["values"].get("theorem_s", np.nan) for one in found],
        "trust": [one["values"]["trust"] for one in found],
        "refused": [len(worst.refused) for worst in worsts],
        "seconds": [one["seconds"] for one in found],
    }
    variables: dict[str, Any] = {key: ("claim", np.array(v, float)) for key, v in columns.items()}
    for key in ("source", "bound", "members"):
        variables[key] = ("claim", np.array([getattr(one["claim"], key) for one in found]))
    texts = [json.dumps(_plain(worst.parameters)) for worst in worsts]
    variables["parameters"] = ("claim", np.array(texts))
    variables["history"] = (
        ("claim", "iteration", "start"),
        np.stack([worst.history for worst in worsts]),
    )
    variables["random"] = (("claim", "member"), members)
    attributes = {
        "experiment": "worst-case",
        "title": "Worst cases: measured/bound, four times the points, half the step",
        **{one["claim"].name: _line(one) for one in found},
        "configuration": json.dumps(dataclasses.asdict(settings)),
    }
    coordinates = {"claim": [one["claim"].name for one in found]}
    return xarray.Dataset(variables, coordinates, attributes | provenance())


def _line(one: dict[str, Any]) -> str:
    """One claim as a line of text."""
    claim, worst, values = one["claim"], one["worst"], one["values"]
    line = f"{worst.ratio:.5f} (search {worst.searched:.5f}, best of random {worst.random_best:.4f}"
    line += f"; of the paper's bound {values['paper']:.3g}"
    if np.isfinite(one["sharp"]):
        line += f"; sharp {one['sharp']:.5f}"
    if "theorem_s" in values:
        line += f"; of Theorem S {values['theorem_s']:.4f}"
    if worst.refused:
        line += f"; {len(worst.refused)} refused"
    return f"{line}): {claim.source}, {one['seconds']:.0f} s"


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value).tolist() for name, value in parameters.items()}
