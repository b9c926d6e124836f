"""The ruler: the semiquantum transport distance of Golse and Paul, and the Monge–Kantorovich distance."""

from jaxwigner.transport.semiquantum import Semiquantum as Semiquantum
from jaxwigner.transport.semiquantum import semiquantum as semiquantum
