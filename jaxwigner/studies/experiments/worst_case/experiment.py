"""The worst cases of the theorems: for each claim a hypothesis class, the sharpest case that a search finds in it, and what is known.

    theorem-2.5    E_ħ² under Vlasov and Hartree, even V              measured / Theorem S      (sharp: the supremum is 1)
    theorem-2.7    (1/N)E_ħ² for N = 2, even V                        measured / Theorem S      (sharp: the supremum is 1)
    odd-pair       the same as 2.5 for odd V, which no theorem covers measured / e^{θ_{√2L}}E_ħ(0)²
    one-sided      −L₁ ≤ V″ ≤ L₂ with L₂ > 3L₁, adapted metric        measured / e^{rate·T}E_ħ(0)²
    theorem-2.6    f^{⊗2} against two bodies, N = n = 2               measured / the bound with ½(1 + L) and ‖∇V‖²(N − 1)/N²
    lemma-5.1      ‖U_sΨ(T)‖² with U_b ≠ 0                            measured / ‖(H − κ)Ψ₀‖²
    estimate-9     ∫_{|R|<δ}|Ψ(T)|² with U_b ≠ 0                      measured / (δ/C)²‖(H − κ)Ψ₀‖²
    estimate-9-any-data  its supremum over all s-waves, maximised over U_b; beside γ(ħ/√(Cδ)), the supremum over all U_b
    estimate-9-free  the same as estimate-9 with U_b = 0              (sharp: the supremum is γ(ħ/√(Cδ)))

Every case is confirmed on four times the points with half the step (see `worst_case`), beside the best of random members.
"""

from __future__ import annotations

import dataclasses
import json
import time
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxwigner.progress import Progress, quiet
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, demand, key
from jaxwigner.studies.experiments.worst_case.claims import MAKERS, Claim, names
from jaxwigner.studies.experiments.worst_case.figures import figures
from jaxwigner.studies.search.growth_classes import growth_angle
from jaxwigner.studies.search.worst_case import Outcome, WorstCase, worst_case


@dataclass(frozen=True)
class Settings(Keys):
    """Which claims, how long a search, and the numbers of the classes."""

    claims: tuple[str, ...] = key(
        names(), "those that are searched", choices=names(), distinct=True
    )
    starts: int = key(12, "of the search", within=(1, 1000))
    iterations: int = key(160, "of each start", within=(1, 10_000))
    random: int = key(1000, "members of the class measured beside the search", within=(1, 10**6))
    rate: float = key(0.07, "of Adam at first; falls to 0", within=(1e-4, 1.0))
    seed: int = key(0, "of all that is random", within=(0, 2**31))
    agreement: float = key(1e-3, "of the confirmation on four times the points", within=(1e-9, 0.1))
    hbar: float = key(0.1, "ħ", within=(0.01, 1.0))
    time: float = key(1.0, "of the motion", within=(0.05, 2.0))
    lipschitz: float = key(1.0, "L; L₁ of the one-sided class", within=(0.05, 4.0))
    curvature: float = key(5.0, "L₂ of the one-sided class", within=(0.15, 12.0))
    odd_hbar: float = key(0.02, "ħ of the class of odd V", within=(0.005, 1.0))
    odd_time: float = key(0.1, "of the class of odd V", within=(0.01, 1.0))
    odd_lipschitz: float = key(8.0, "L of the class of odd V", within=(0.05, 40.0))
    charge: float = key(0.5, "C of the Coulomb claims", within=(0.1, 2.0))
    radius: float = key(0.5, "δ of estimate (9)", within=(0.1, 2.0))
    oscillation: float = key(0.5, "sup U_b − inf U_b", within=(0.01, 4.0))

    def check(self) -> None:
        """The rate of the one-sided claim holds; E_ħ² does not outgrow its grid."""
        least = 3 * self.lipschitz
        must = f"be at least 3 `lipschitz` = {least:g}, where the rate of the claim holds"
        demand(self.curvature >= least, "curvature", must, self.curvature)
        must = "be such that E_ħ² grows by a factor of at most e⁴"
        demand(growth_angle(self.lipschitz, self.time) <= 4.0, "time", must, self.time)
        theta = growth_angle(self.odd_lipschitz, self.odd_time)
        demand(theta <= 4.0, "odd_time", must, self.odd_time)


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
    variables: dict[str, Any] = {
        name: ("claim", np.array(column, float)) for name, column in columns.items()
    }
    for name in ("source", "bound", "members"):
        variables[name] = ("claim", np.array([getattr(one["claim"], name) for one in found]))
    texts = [json.dumps(_plain(worst.parameters)) for worst in worsts]
    variables["parameters"] = ("claim", np.array(texts))
    variables["history"] = (
        ("claim", "iteration", "start"),
        np.stack([worst.history for worst in worsts]),
    )
    variables["random"] = (("claim", "member"), members)
    attributes = {
        **{one["claim"].name: _line(one) for one in found},
        "configuration": json.dumps(dataclasses.asdict(settings)),
    }
    coordinates = {"claim": [one["claim"].name for one in found]}
    return EXPERIMENT.labelled(variables, coordinates, attributes)


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


EXPERIMENT = Experiment(
    "worst-case",
    "Worst cases: measured/bound, four times the points, half the step",
    Settings,
    run,
    figures,
    "The initial data and potentials that come closest to each theorem's bound, beside 1000 random ones; 10 to 20 minutes "
    "(one claim with `--only`).",
    "worst-case.png",
)
