"""A table, and SciPy's spline through it."""

import numpy as np
from scipy.interpolate import CubicSpline, make_interp_spline

NODES = np.array([-2.0, -1.3, -0.9, -0.1, 0.2, 0.8, 1.3, 1.7, 2.0])
VALUES = np.array([0.9, 0.1, -0.4, 0.3, 0.7, 0.2, -0.6, -0.3, 0.1])
SPLINE = CubicSpline(NODES, VALUES, bc_type="not-a-knot")
ENDS = SPLINE(NODES[[0, -1]], 1)
QUINTIC = make_interp_spline(NODES, VALUES, k=5)  # "not a knot" too
