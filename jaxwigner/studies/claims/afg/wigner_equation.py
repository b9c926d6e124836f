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
from jaxwigner.studies.claims.claim import CONTROL, measures, row
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


@measures("A3")
def equation(full: bool):
    """(WE) pointwise for a quartic potential, the derivatives of (15), and the control with the classical force."""
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

    quantum, first, second, classical = jax.jit(program)(0.2)
    yield row("A3", "quartic U, superposition", quantum)
    yield row("A3", "∂_xW", first)
    yield row("A3", "∂²_xW", second)
    yield row("A3", "evolved W against W of evolved ψ", jax.jit(evolved)(0.3))
    yield row("A3", "Liouville force in its place", classical, CONTROL)


@measures("A4")
def defects(full: bool):
    """∫∫gφ: O(ħ²) for smooth U, O(ħ) (attained) for U ∈ C^{1,1}, 0 for quadratic U; not small in norm."""
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

    bound, quadratic, kink, strong = jax.jit(jax.vmap(program))(hbars)
    smooth = bound.lhs.centre
    series = {"hbar": hbars, "smooth": smooth, "kink": kink.lhs.centre, "strong": strong}
    yield row("A4", "smooth U: bound", bound, series=series)
    law = "∫∫gφ = O(ħ²) for U ∈ C³"
    yield row("A4", "smooth U: rate", rate("AFG §1", law, hbars, smooth, (1.85, 2.15)))
    yield row("A4", "U = x|x|/2: bound", kink)
    law = "∫∫gφ = O(ħ) for U ∈ C^{1,1}, attained by packets of width ħ"
    yield row("A4", "U = x|x|/2: rate", rate("AFG §1", law, hbars, kink.lhs.centre, (0.85, 1.15)))
    zero = Inequality("AFG §1", "quadratic U: ∫∫gφ = 0", jnp.max(abs(quadratic)), 1e-12)
    yield row("A4", "harmonic U", zero)
    norm = rate("AFG §1", "sup|g| = O(ħ²)", hbars, strong, (1.85, 2.15))
    yield row("A4", "g is not small in norm", norm, CONTROL)


@measures("A13")
def splitting(full: bool):
    """The split (35): its sum, T1 = O(ħ²), and the bounds of the far parts, which need a φ that decays slowly in y to be seen."""
    hbars = np.array([0.04, 0.02, 0.01, 0.005] + ([0.0025] if full else []))
    wave, points = Cosine(1.0), 640 if full else 320

    def program(hbar, width):
        test = GaussianTest(lambda x: jnp.exp(-((x - 0.6) ** 2)), momentum=0.3, width=width)
        grid = Grid(0.7 - 9.0 * jnp.sqrt(hbar), 0.7 + 8.0 * jnp.sqrt(hbar), points)
        psi = coherent_state(grid, 0.7, 0.5, hbar)
        parts = liouville_defect.split(psi, wave, grid, test, hbar, lags=points // 2)
        total = liouville_defect.split_sum(parts, psi, wave, grid, test, hbar)
        return total, parts, liouville_defect.far_bounds(parts, psi, wave, grid, test, hbar)

    compiled = jax.jit(jax.vmap(program, (0, None)))
    total, parts, _ = compiled(hbars, 1.2)
    series = {name: abs(getattr(parts, name)) for name in ("near", "forward", "far", "transport")}
    yield row("A13", "sum of the parts", total, series={"hbar": hbars, **series})
    near = rate("AFG (36)", "T1 = O(ħ²) for U ∈ C³", hbars, abs(parts.near), (1.85, 2.15))
    yield row("A13", "near part", near)
    _, _, (two, three) = compiled(4 * hbars, 0.6)
    yield row("A13", "T2^± beyond the cut", two)
    yield row("A13", "T3 beyond the cut", three)
    yield row("A13", "1/20 of the bound of T3", three.with_constant(0.05), CONTROL)
