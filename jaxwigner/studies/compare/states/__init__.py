"""States without grid or ħ, in atomic units: each makes ψ on a grid and weighted points of its Wigner function, at any ħ."""

from jaxwigner.studies.compare.states.bound import Level as Level
from jaxwigner.studies.compare.states.bound import Lift as Lift
from jaxwigner.studies.compare.states.bound import Thermal as Thermal
from jaxwigner.studies.compare.states.own import OwnSystem as OwnSystem
from jaxwigner.studies.compare.states.packet import Packet as Packet
from jaxwigner.studies.compare.states.state import State as State
from jaxwigner.studies.compare.states.waves import Wave as Wave
from jaxwigner.studies.compare.states.waves import Wkb as Wkb
