"""Figures of phase-space functions, densities, rates and results: they draw what they are given and compute nothing.

Functions take arrays (NumPy, JAX or `xarray.DataArray`) and, if wanted, axes to draw into; they return the axes or the figure.
No global state of matplotlib is touched: figures are made without pyplot, inside `style()`.
"""

from jaxwigner._aliases import old_names
from jaxwigner.plot.animation import animate as animate
from jaxwigner.plot.animation import animate_clouds as animate_clouds
from jaxwigner.plot.animation import animate_lines as animate_lines
from jaxwigner.plot.animation import animate_panels as animate_panels
from jaxwigner.plot.fields import density as density
from jaxwigner.plot.fields import marginals as marginals
from jaxwigner.plot.fields import panels as panels
from jaxwigner.plot.fields import space_time as space_time
from jaxwigner.plot.fields import wigner as wigner
from jaxwigner.plot.rates import rates as rates
from jaxwigner.plot.runs import cloud as cloud
from jaxwigner.plot.runs import line_density as line_density
from jaxwigner.plot.runs import series as series
from jaxwigner.plot.style import new_figure as new_figure
from jaxwigner.plot.style import style as style

__getattr__ = old_names(__name__)
