"""How a final quantity depends on where it started: gradients, Hessian-vector products, and a check of both.

For a quantity f(a) of a run (an observable, E_ħ², measured/bound, a distance) and parameters a (initial data, potential, ħ, time):

    gradient       ∇f with f(a + v) = f(a) + Re⟨∇f, v⟩ + …     reverse mode through the undone run: memory independent of the steps
    curvature      (D²f)v = d/ds ∇f(a + sv)                    forward mode over that reverse mode: still independent of the steps
    consistency    Re⟨∇f, v⟩ = Df·v,  Re⟨v, (D²f)v⟩ = D²f(v, v)    the right sides by forward mode alone, through another path
    adjoints       Re⟨Jv, w⟩ = Re⟨v, Jᵀw⟩                      the same for quantities that are arrays

A run that cannot be undone in floating point (chaos, friction) shows as a defect of the last two lines.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from jaxwigner._checks import check_callable, concrete, require
from jaxwigner._types import Array

TOLERANCE = 1e-6  # of the defects; the reversible and the plain gradient agree to 1e-10 where the run is resolved


class Sensitivity(eqx.Module):
    """What `sensitivity` returns.

    `value`: f(a); `gradient`: ∇f, of the structure of a; `slope`: Re⟨∇f, v⟩ along the direction; `curvature`: (D²f)v or None;
    `defect`, `curvature_defect`: how far forward and reverse mode disagree, relative to ‖∇f‖‖v‖ and ‖(D²f)v‖‖v‖.

    >>> import jaxwigner as jw
    >>> found = jw.sensitivity(lambda a: a["x"] ** 3, {"x": 2.0}, direction={"x": 1.0})
    >>> float(found.gradient["x"]), float(found.curvature["x"]), bool(found.defect < 1e-12)
    (12.0, 12.0, True)
    """

    value: Float[Array, ""]
    gradient: PyTree
    slope: Float[Array, ""]
    curvature: PyTree
    defect: Float[Array, ""]
    curvature_defect: Float[Array, ""] | None


def sensitivity(
    quantity: Callable,
    at: PyTree,
    *,
    direction: PyTree | None = None,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    throw: bool = True,
) -> Sensitivity:
    """Value, gradient and, along a direction, Hessian-vector product of a final quantity, checked against forward mode.

    **Arguments:**

    - `quantity`: a function of parameters that returns a real number. If it calls `evolve`, it takes a keyword `gradient` (default
      `"reversible"`) and hands it on, since a reversible run has no forward derivative.
    - `at`: the parameters: any pytree; its floating-point and complex leaves (Python's numbers too) are differentiated, others stay.
    - `direction`: v, of the structure of `at`, for the Hessian-vector product; None: no curvature, a random v for the check.
    - `seed`: of the random direction. `tolerance`, `throw`: raise if a defect is larger.

    **Returns:** a `Sensitivity`. For complex leaves ∇f is such that f grows fastest along +∇f.

    **Raises:** `ValueError` for a quantity that is no real number, a direction of another structure, and a defect above tolerance.

    >>> import jaxwigner as jw
    >>> grid, well = jw.Grid(-8.0, 8.0, 96), jw.potentials.Harmonic(1.0)
    >>> def energy(a, gradient="reversible"):
    ...     psi = jw.coherent_state(grid, a["q"], 0.0, a["hbar"])
    ...     system = jw.Schrodinger(grid, well, a["hbar"])
    ...     run = jw.evolve(system, psi, duration=1.0, steps=20, gradient=gradient)
    ...     return system.diagnose(run.state)["energy"]
    >>> found = jw.sensitivity(energy, {"q": 0.6, "hbar": 0.5}, direction={"q": 1.0, "hbar": 0.0})
    >>> [round(float(x), 6) for x in (found.gradient["q"], found.gradient["hbar"], found.curvature["q"])]  # ½q² + ½ħ
    [0.6, 0.5, 1.0]
    """
    check_callable("quantity", quantity)
    moving, still = _split(at)
    if direction is not None:
        _check_direction(direction, moving)
        direction = jax.tree.map(_like, _split(direction)[0], moving)
    along = _random_like(moving, seed) if direction is None else direction
    curved = direction is not None
    found = _forwards("quantity", lambda: _measure(quantity, moving, still, along, curved))
    return _checked(found, tolerance) if throw else found


@eqx.filter_jit
def _measure(quantity, moving, still, v, curved: bool) -> Sensitivity:
    def real(a, mode):
        return _scalar(_call(quantity, eqx.combine(a, still), mode))

    def forward(a):
        return real(a, "forward")

    def gradient(a):
        value, slopes = jax.value_and_grad(lambda a: real(a, "reversible"))(a)
        return jax.tree.map(jnp.conj, slopes), value

    reference = jax.jvp(forward, (moving,), (v,))[1]
    curvature = bent = None
    if curved:
        slopes, curvature, value = jax.jvp(gradient, (moving,), (v,), has_aux=True)
        second = jax.jvp(lambda a: jax.jvp(forward, (a,), (v,))[1], (moving,), (v,))[1]
        bent = _defect(inner(v, curvature), second, curvature, v)
    else:
        slopes, value = gradient(moving)
    slope = inner(slopes, v)
    return Sensitivity(value, slopes, slope, curvature, _defect(slope, reference, slopes, v), bent)


def adjoint_defect(
    function: Callable, at: PyTree, *, seed: int = 0, tolerance: float = TOLERANCE
) -> Float[Array, ""]:
    """|Re⟨Jv, w⟩ − Re⟨v, Jᵀw⟩| for random v, w and the derivative J of a function of any structure, relative to its size.

    J by forward mode, Jᵀ by (reversible) reverse mode: two programs that share no derivative rule of the run.

    **Arguments:** as `sensitivity`; `function` may return any arrays, real or complex.

    **Raises:** `ValueError` for a defect above `tolerance`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid, V = jw.Grid(-8.0, 8.0, 96), jw.potentials.Gaussian(1.0, 1.0)
    >>> def final(a, gradient="reversible"):
    ...     psi = jw.coherent_state(grid, a["q"], 0.0, a["hbar"])
    ...     system = jw.Hartree(grid, V, a["hbar"])
    ...     return jw.evolve(system, psi, duration=1.0, steps=20, gradient=gradient).state
    >>> bool(jw.studies.search.sensitivity.adjoint_defect(final, {"q": 0.6, "hbar": 0.5}) < 1e-10)
    True
    """
    check_callable("function", function)
    moving, still = _split(at)
    found = _forwards("function", lambda: _adjoints(function, moving, still, seed))
    _require_small(found, tolerance, "derivative")
    return found


@eqx.filter_jit
def _adjoints(function, moving, still, seed: int):
    def values(a, mode):
        return eqx.filter(_call(function, eqx.combine(a, still), mode), eqx.is_inexact_array)

    v = _random_like(moving, seed)
    push = lambda a: values(a, "forward")  # noqa: E731
    Jv = jax.jvp(push, (moving,), (v,))[1]
    out, pull = jax.vjp(lambda a: values(a, "reversible"), moving)
    w = _random_like(out, seed + 1)
    # JAX pulls conj(w) back to conj(Jᵀw).
    (slopes,) = pull(jax.tree.map(jnp.conj, w))
    slopes = jax.tree.map(jnp.conj, slopes)
    return _defect(inner(w, Jv), inner(slopes, v), slopes, v)


def inner(a: PyTree, b: PyTree) -> Float[Array, ""]:
    """Re⟨a, b⟩ of two trees of one structure, with entries in which conj(a)·b is summed."""
    products = jax.tree.map(lambda x, y: jnp.sum(jnp.real(jnp.conj(x) * y)), a, b)
    return sum(jax.tree.leaves(products), jnp.zeros(()))


def _norm(a: PyTree) -> Array:
    return jnp.sqrt(inner(a, a))


def _defect(left: Array, right: Array, slopes: PyTree, v: PyTree) -> Array:
    scale = jnp.maximum(_norm(slopes) * _norm(v), jnp.maximum(jnp.abs(left), jnp.abs(right)))
    return jnp.abs(left - right) / jnp.where(scale > 0, scale, 1.0)


def _call(function: Callable, a: PyTree, mode: str) -> Any:
    return function(a, gradient=mode) if _takes_gradient(function) else function(a)


def _takes_gradient(function: Callable) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a built-in
        return False
    return "gradient" in parameters


def _forwards(name: str, measure: Callable) -> Any:
    """What takes forward derivatives; of a run that has none it says so in the user's terms."""
    try:
        return measure()
    except TypeError as error:
        if "custom_vjp" not in str(error):
            raise
        must = "take a keyword `gradient` and hand it to `evolve`"
        raise ValueError(f"Argument `{name}` must {must}, but has none") from error


def _scalar(value: Any) -> Array:
    value = jnp.asarray(value)
    real = jnp.issubdtype(value.dtype, jnp.floating) and value.ndim == 0
    require(real, "quantity", "return a real number", f"{value.dtype} of shape {value.shape}")
    return value


def _split(at: PyTree) -> tuple[PyTree, PyTree]:
    moving, still = eqx.partition(at, _is_inexact)
    must = "have floating-point leaves to differentiate"
    require(len(jax.tree.leaves(moving)) > 0, "at", must, at)
    return jax.tree.map(jnp.asarray, moving), still


def _is_inexact(leaf: Any) -> bool:
    """A float, or an array of floats; equinox's `is_inexact_array_like` fails for tracers of jax 0.11."""
    return isinstance(leaf, (float, complex)) or eqx.is_inexact_array(leaf)


def _check_direction(direction: PyTree, moving: PyTree) -> None:
    wanted, given = jax.tree.structure(moving), jax.tree.structure(_split(direction)[0])
    require(given == wanted, "direction", f"have the structure of `at`, {wanted}", str(given))
    shapes = lambda tree: [jnp.shape(leaf) for leaf in jax.tree.leaves(tree)]  # noqa: E731
    have, want = shapes(_split(direction)[0]), shapes(moving)
    require(have == want, "direction", f"have leaves of shapes {want}", str(have))


def _like(v: Any, leaf: Array) -> Array:
    return jnp.asarray(v, leaf.dtype)


def _random_like(tree: PyTree, seed: int) -> PyTree:
    """Normal entries; complex where the leaf is. The numbers are NumPy's, fixed by the seed."""
    random = np.random.default_rng(seed)

    def draw(leaf):
        values = random.normal(size=leaf.shape)
        if jnp.iscomplexobj(leaf):
            values = values + 1j * random.normal(size=leaf.shape)
        return jnp.asarray(values, leaf.dtype)

    return jax.tree.map(draw, tree)


def _checked(found: Sensitivity, tolerance: float) -> Sensitivity:
    _require_small(found.defect, tolerance, "gradient")
    if found.curvature_defect is not None:
        _require_small(found.curvature_defect, tolerance, "Hessian-vector product")
    return found


def _require_small(defect: Any, tolerance: float, name: str) -> None:
    if not concrete(defect):
        return
    worst = float(np.max(defect))
    if not worst <= tolerance:
        raise ValueError(
            f"The {name} by reverse mode differs by {worst:.1e} from forward mode: the run cannot be undone that exactly; "
            "shorten it, resolve it, or use gradient='checkpointed'"
        )
