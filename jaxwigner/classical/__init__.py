"""Classical dynamics: one file per equation, matched file for file by `quantum`."""

from jaxwigner._aliases import old_names
from jaxwigner.classical.adaptive import evolve_adaptively as evolve_adaptively
from jaxwigner.classical.kepler import CoulombFlow as CoulombFlow
from jaxwigner.classical.liouville import Liouville as Liouville
from jaxwigner.classical.nbody import ManyBodyNewton as ManyBodyNewton
from jaxwigner.classical.nbody import product_measure as product_measure
from jaxwigner.classical.nbody import reduced_state as reduced_state
from jaxwigner.classical.newton import Newton as Newton
from jaxwigner.classical.nuclei import CoulombBodies as CoulombBodies
from jaxwigner.classical.surfaces.ehrenfest import Carriers as Carriers
from jaxwigner.classical.surfaces.ehrenfest import Ehrenfest as Ehrenfest
from jaxwigner.classical.surfaces.fewest_switches import fewest_switches as fewest_switches
from jaxwigner.classical.surfaces.hopping import Hoppers as Hoppers
from jaxwigner.classical.surfaces.hopping import Hopping as Hopping
from jaxwigner.classical.surfaces.liouville import MatrixLiouville as MatrixLiouville
from jaxwigner.classical.surfaces.single_switch import single_switch as single_switch
from jaxwigner.classical.vlasov import Vlasov as Vlasov
from jaxwigner.classical.vlasov import VlasovParticles as VlasovParticles

__getattr__ = old_names(__name__)
