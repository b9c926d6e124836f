"""The claims of the two papers, each declared once: what `jaxwigner limits` measures."""

from jaxwigner.studies.claims.claim import CLAIMS as CLAIMS
from jaxwigner.studies.claims.claim import Row as Row
from jaxwigner.studies.claims.measure import ids as ids
from jaxwigner.studies.claims.measure import measure as measure
