"""A3, A4, A13: the Wigner equation and its difference to the Liouville equation."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, phase_grid
from jaxwigner.phase_space import GaussianTest, g_hbar
from jaxwigner.potentials import Cosine, Harmonic, Potential
from jaxwigner.potentials.potential import Bounds
from jaxwigner.states import coherent_state, wave_packet
from jaxwigner.studies.claims.claim import case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import Inequality, liouville_defect, propagation, rate, wigner_equation


class Kink(Potential):
    """U = ½x|x|: Lip(U′) = 1 and no second derivative at 0."""

    def __call__(self, *x):
        (x,) = self.coordinates(*x)
        return 0.5 * x * jnp.abs(x)

    def gradient(self, *x):
        return (jnp.abs(self.coordinates(*x)[0]),)

    @property
    def bounds(self):
        return Bounds(hessian=1.0)


@claim("A3", "AFG (WE), (15)", cost=3)
def equation(full: bool):
    """the Wigner equation and the derivatives of W.

    ∂ₜW = −p·∇ₓW + f, with f the difference quotient of the potential in Fourier variables; f = ∇U·∇ₚW + g, and g = 0 for
    quadratic U. Pointwise for a quartic potential, and W evolved against W of the evolved ψ. Control: the classical force in
    place of f.
    """
    grid = Grid(-4.5, 4.2, 192 if full else 96)

    def program(hbar):
        quartic = lambda x: 0.3 * x**4 - 0.5 * x**2 + 0.2 * x**3  # noqa: E731
        psi = coherent_state(grid, 0.6, 0.4, hbar) + 0.4 * coherent_state(grid, -0.8, 0.0, hbar)
        return (
            wigner_equation.wigner_equation(psi, quartic, grid, hbar),
            wigner_equation.derivative_form(psi, grid, hbar, order=1),
            wigner_equation.derivative_form(psi, grid, hbar, order=2),
            wigner_equation.wigner_equation(psi, quartic, grid, hbar, classical=True),
        )

    def evolved(hbar):
        small = Grid(-4.5, 4.2, 64)
        psi = coherent_state(small, 0.6, 0.4, hbar)
        well = lambda x: 0.1 * x**4 - 0.3 * x**2  # noqa: E731
        times = {"duration": 0.6, "steps": 12}
        return propagation.wigner_transports(psi, well, small, hbar, **times)

    quantum, first, second, classical = lightly(program)(0.2)
    yield case("quartic U, superposition", quantum)
    yield case("∂_xW", first)
    yield case("∂²_xW", second)
    yield case("evolved W against W of evolved ψ", lightly(evolved)(0.3))
    yield control("Liouville force in its place", classical)


@claim("A4", "AFG §1, (36)", cost=3)
def defects(full: bool):
    """∫∫gφ = O(ħ²) for U ∈ C³, O(ħ) for C^{1,1}, 0 for quadratic U; not in norm.

    *Given* a fixed smooth φ.

    ∫∫gφ = O(ħ²) if U is C³ and O(ħ) if ∇U is only Lipschitz, which packets of width ħ attain. Control: not in norm, g itself
    does not become small.
    """
    hbars = np.array([0.04, 0.02, 0.01, 0.005] + ([0.0025] if full else []))
    wave = Cosine(1.0)
    test = GaussianTest(lambda x: jnp.exp(-((x - 1.1) ** 2)), momentum=0.2, width=0.8)
    test_at_kink = GaussianTest(lambda x: jnp.exp(-((x - 0.1) ** 2)), momentum=0.2, width=0.8)

    def program(hbar):
        # Boxes of fixed shape in units of the packet's width: one program serves every ħ.
        width = jnp.sqrt(hbar)
        grid = Grid(1.0 - 9.0 * width, 1.0 + 8.0 * width, 192 if full else 128)
        psi = coherent_state(grid, 1.0, 0.5, hbar)
        bound = liouville_defect.defect_bound(psi, wave, grid, test, hbar, lags=36 if full else 24)
        quadratic = liouville_defect.defect(
            psi, Harmonic(1.0), grid, test, hbar, lags=36 if full else 24
        )
        small = Grid(-9.0 * hbar, 8.0 * hbar, 192)
        at_kink = wave_packet(small, 0.0, 0.5, hbar, alpha=1.0)
        kink = liouville_defect.defect_bound(
            at_kink, Kink(), small, test_at_kink, hbar, smoothness=2, lags=128
        )
        strong = jnp.max(jnp.abs(g_hbar(psi, wave, grid, phase_grid(grid, hbar), hbar)))
        return bound, quadratic, kink, strong

    bound, quadratic, kink, strong = lightly(jax.vmap(program))(hbars)
    smooth = bound.lhs.centre
    series = {"hbar": hbars, "smooth": smooth, "kink": kink.lhs.centre, "strong": strong}
    yield case("smooth U: bound", bound, series=series)
    law = "∫∫gφ = O(ħ²) for U ∈ C³"
    yield case("smooth U: rate", rate("AFG §1", law, hbars, smooth, (1.85, 2.15)))
    yield case("U = x|x|/2: bound", kink)
    law = "∫∫gφ = O(ħ) for U ∈ C^{1,1}, attained by packets of width ħ"
    yield case("U = x|x|/2: rate", rate("AFG §1", law, hbars, kink.lhs.centre, (0.85, 1.15)))
    zero = Inequality("AFG §1", "quadratic U: ∫∫gφ = 0", jnp.max(abs(quadratic)), 1e-12)
    yield case("harmonic U", zero)
    norm = rate("AFG §1", "sup|g| = O(ħ²)", hbars, strong, (1.85, 2.15))
    yield control("g is not small in norm", norm)


@claim("A13", "AFG (35), (36), (38), (41)", cost=3)
def splitting(full: bool):
    """T1 + T2 + T3 + T4, each with its bound.

    *Given* U ∈ C³.

    ∫∫fφ is split into a part with small |y|, O(ħ²), two with large |y| and the Liouville term; each is measured with its bound.
    The far parts need a φ that decays slowly in y to be seen. Control: a twentieth of the bound of T3.
    """
    hbars = np.array([0.04, 0.02, 0.01, 0.005] + ([0.0025] if full else []))
    wave, points = Cosine(1.0), 640 if full else 320

    def program(hbar, width):
        test = GaussianTest(lambda x: jnp.exp(-((x - 0.6) ** 2)), momentum=0.3, width=width)
        grid = Grid(0.7 - 9.0 * jnp.sqrt(hbar), 0.7 + 8.0 * jnp.sqrt(hbar), points)
        psi = coherent_state(grid, 0.7, 0.5, hbar)
        parts = liouville_defect.split(psi, wave, grid, test, hbar, lags=points // 2)
        total = liouville_defect.split_sum(parts, psi, wave, grid, test, hbar)
        return total, parts, liouville_defect.far_bounds(parts, psi, wave, grid, test, hbar)

    compiled = lightly(jax.vmap(program, (0, None)))
    total, parts, _ = compiled(hbars, 1.2)
    series = {name: abs(getattr(parts, name)) for name in ("near", "forward", "far", "transport")}
    yield case("sum of the parts", total, series={"hbar": hbars, **series})
    near = rate("AFG (36)", "T1 = O(ħ²) for U ∈ C³", hbars, abs(parts.near), (1.85, 2.15))
    yield case("near part", near)
    _, _, (two, three) = compiled(4 * hbars, 0.6)
    yield case("T2^± beyond the cut", two)
    yield case("T3 beyond the cut", three)
    yield control("1/20 of the bound of T3", three.with_constant(0.05))
