"""What annotations are made of. Arrays of JAX and of NumPy count as one type, numbers of Python and of either library as another.

`Float[Array, " k"]` is an array of floating point numbers, `Real[Array, " k"]` one that may hold whole numbers as well,
`Num[Array, " k"]` one that may be complex: arguments say what a function takes, results what it gives.
"""

from collections.abc import Sequence

import jax
import numpy as np
from jaxtyping import Real

Array = jax.Array | np.ndarray
Scalar = float | np.number | Real[Array, ""]
# One number for all coordinates, or one for each of them.
PerAxis = Scalar | Sequence[Scalar] | Real[Array, " axes"]
