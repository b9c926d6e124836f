"""`jw.compare`: quantum dynamics, a classical ensemble and one trajectory of the user's own system, and until when they agree."""

from jaxwigner.studies.compare.side_by_side.compare import compare as compare
from jaxwigner.studies.compare.side_by_side.comparison import Comparison as Comparison
from jaxwigner.studies.compare.side_by_side.rates import Rate as Rate
