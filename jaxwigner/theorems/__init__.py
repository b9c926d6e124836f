"""The claims of the two papers as numbers: each function measures both sides and returns an `Inequality`.

wigner_measures    the Wigner function at a fixed time, its bounds and limits (AFG §1–3)
wigner_equation    the Wigner equation, its defect from the Liouville equation, and the split of AFG (35)
propagation        bounds along an evolution, uniform in ħ (AFG Lemmas 3.2, 3.3)
classical_limit    initial data, observables against classical ensembles (AFG Theorem 1.1), cones
husimi_functions   Husimi functions in several ways (Golse–Paul Remark 2.3)
"""

from jaxwigner.theorems import born_oppenheimer as born_oppenheimer
from jaxwigner.theorems import classical_limit as classical_limit
from jaxwigner.theorems import husimi_functions as husimi_functions
from jaxwigner.theorems import propagation as propagation
from jaxwigner.theorems import wigner_equation as wigner_equation
from jaxwigner.theorems import wigner_measures as wigner_measures
from jaxwigner.theorems.inequality import Inequality as Inequality
from jaxwigner.theorems.inequality import fitted_rate as fitted_rate
from jaxwigner.theorems.inequality import rate as rate
from jaxwigner.theorems.inequality import refinement as refinement
