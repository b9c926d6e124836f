"""External and pair potentials: values, gradients, and the bounds that the theorems ask for."""

from jaxwigner.potentials.combined import Separable as Separable
from jaxwigner.potentials.curves.curve import Curve as Curve
from jaxwigner.potentials.curves.table import read_curve as read_curve
from jaxwigner.potentials.pairs.bodies import Pairs as Pairs
from jaxwigner.potentials.pairs.bodies import Ridges as Ridges
from jaxwigner.potentials.pairs.contact import Contact as Contact
from jaxwigner.potentials.periodic import Cosine as Cosine
from jaxwigner.potentials.periodic import Torsion as Torsion
from jaxwigner.potentials.polynomial import DoubleWell as DoubleWell
from jaxwigner.potentials.polynomial import Free as Free
from jaxwigner.potentials.polynomial import Harmonic as Harmonic
from jaxwigner.potentials.polynomial import Linear as Linear
from jaxwigner.potentials.potential import Bounds as Bounds
from jaxwigner.potentials.potential import Driven as Driven
from jaxwigner.potentials.potential import Function as Function
from jaxwigner.potentials.potential import Potential as Potential
from jaxwigner.potentials.potential import Scaled as Scaled
from jaxwigner.potentials.potential import Sum as Sum
from jaxwigner.potentials.potential import as_potential as as_potential
from jaxwigner.potentials.profiles import Eckart as Eckart
from jaxwigner.potentials.profiles import Morse as Morse
from jaxwigner.potentials.radial import Cone as Cone
from jaxwigner.potentials.radial import Gaussian as Gaussian
from jaxwigner.potentials.radial import SoftCoulomb as SoftCoulomb
from jaxwigner.potentials.tabulated import Tabulated as Tabulated
