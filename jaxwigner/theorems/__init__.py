"""The claims of the two papers as numbers: each function measures both sides and returns an `Inequality`."""

from jaxwigner.theorems.inequality import Inequality as Inequality
from jaxwigner.theorems.inequality import fitted_rate as fitted_rate
from jaxwigner.theorems.inequality import rate as rate
from jaxwigner.theorems.inequality import refinement as refinement
