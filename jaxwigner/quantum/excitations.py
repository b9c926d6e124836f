"""What N bosons look like at the end of a run: the one-body density matrix, distances from the condensate, and certificates.

    Δ = N(R¹_N − |φ⟩⟨φ|) = ( −⟨n⟩   α* )      α_i = ⟨a_0†b_i⟩,  γ_ij = ⟨b_j†b_i⟩,  tr γ = ⟨n⟩
                          (   α     γ  )

between the co-moving modes; its trace norm N‖R¹_N − |φ⟩⟨φ|‖₁ stays bounded as N → ∞.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxwigner import observables
from jaxwigner._checks import concrete
from jaxwigner.evolution import LIMITS, REMEDIES
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import square
from jaxwigner.quantum.comoving import MeanField
from jaxwigner.quantum.excitation_generator import Bodies, annihilated, apply_generator
from jaxwigner.quantum.fock_space import FockSpace, tables
from jaxwigner.quantum.interaction import pair_matrix
from jaxwigner.states import MixedState

RANGE = 10.0  # mean number of excitations up to which the condensate is a useful reference
NORM_ERROR = 1e-3


class Excitations(eqx.Module):
    """N bosons near the condensate φ(t), as `FockExcitations.evolve` returns them.

    `orbitals` (m+1, *shape): φ(t) and the modes; `amplitudes`: c̃_ν (see `excitation_generator.py`); `deviation`: Δ, (m+1, m+1);
    `distance`: N‖R¹_N − |φ⟩⟨φ|‖₁; `excitations`: ⟨n⟩; `energy`: per body.

    Certificates: `norm_error`: of ‖Ψ‖², by the time step; `energy_error`: energy of the excitations lost or gained, relative to V's;
    `shell_mass`: probability in the last shell of the Fock space; `mode_tail`: share of the excitations that Bogoliubov's theory
    puts into modes left out; `spectral_tail`, `edge_mass`: of all orbitals on the grid.
    """

    orbitals: Complex[Array, "p *shape"]
    amplitudes: Complex[Array, " nu"]
    deviation: Complex[Array, "p p"]
    distance: Float[Array, ""]
    excitations: Float[Array, ""]
    energy: Float[Array, ""]
    norm_error: Float[Array, ""]
    energy_error: Float[Array, ""]
    shell_mass: Float[Array, ""]
    mode_tail: Float[Array, ""]
    spectral_tail: Float[Array, ""]
    edge_mass: Float[Array, ""]
    needed_cutoff: Float[Array, ""]
    bodies: Bodies
    grid: Grid
    space: FockSpace = eqx.field(static=True)

    @property
    def one_body(self) -> Complex[Array, "p p"]:
        """R¹_N between the modes, trace 1 (up to `norm_error`)."""
        condensate = jnp.zeros_like(self.deviation).at[0, 0].set(1.0)
        return condensate + self.bodies.inverse * self.deviation

    @property
    def density_matrix(self) -> Complex[Array, "*twice"]:
        """r¹_N(x, y) on the grid, as `marginal` gives it for the full N-body state."""
        rows = self.orbitals.reshape(self.orbitals.shape[0], -1)
        return (rows.T @ self.one_body @ rows.conj()).reshape(self.grid.shape * 2)

    @property
    def state(self) -> MixedState:
        """R¹_N by its natural orbitals and their occupations."""
        weights, vectors = jnp.linalg.eigh(self.one_body)
        return MixedState(jnp.maximum(weights, 0.0), jnp.tensordot(vectors.T, self.orbitals, 1))

    def check(self, tolerance: float = 1e-3) -> Excitations:
        """This result, if it is resolved to `tolerance`.

        **Raises:** `ValueError` with the remedy; under jit the same at run time (`equinox.EquinoxRuntimeError`).
        """
        limits = self._limits(tolerance)
        bad = jnp.stack([~(value <= limit) for value, limit, _ in limits])
        if concrete(bad):
            if np.any(np.asarray(bad)):
                words = [
                    f"{text} (found {float(np.max(value)):.2g}, limit {limit:.2g})"
                    for (value, limit, text), wrong in zip(limits, bad)
                    if np.any(np.asarray(wrong))
                ]
                raise ValueError(f"Run of FockExcitations is under-resolved: {'; '.join(words)}")
            return self
        text = "Run of FockExcitations is under-resolved; see the certificates of `throw=False`"
        distance = eqx.error_if(self.distance, jnp.any(bad), text)
        return eqx.tree_at(lambda run: run.distance, self, distance)

    def _limits(self, tolerance: float) -> list[tuple[Array, float, str]]:
        needs = ""
        if concrete(self.needed_cutoff):
            needs = f", to about {float(np.max(self.needed_cutoff)):.0f}"
        space = f"the last shell of the Fock space is occupied: raise the `cutoff` ({self.space.cutoff:g}){needs}"
        return [
            (self.excitations, RANGE, "⟨excitations⟩ leave the range of the method"),
            (self.shell_mass, tolerance, space),
            (self.mode_tail, tolerance, f"more modes than {self.space.modes} are occupied: add `weights`"),
            (self.norm_error, NORM_ERROR, "the norm drifts: increase `steps`"),
            *((getattr(self, name), LIMITS[name], REMEDIES[name]) for name in ("spectral_tail", "edge_mass")),
        ]


def measured(
    space: FockSpace,
    bodies: Bodies,
    field: MeanField,
    first: Array,
    last: Array,
    c: Complex[Array, " nu"],
    occupied: Float[Array, " i"],
    periodic: bool,
    tolerance: float = 1e-3,
) -> Excitations:
    """Everything that `Excitations` reports, from the orbitals at both ends and the amplitudes at the end."""
    weight = _weights(space, bodies)
    delta = deviation(space, bodies, c)
    energy, energy_error = _energies(space, bodies, field, first, last, c, delta)
    t = tables(space)
    shell = t.shell * (bodies.root(t.degree + 1.0) > 0)
    shell_mass = jnp.sum(shell * weight * square(c))
    kept = jnp.sum(occupied[: space.modes])
    return Excitations(
        orbitals=last,
        amplitudes=c,
        deviation=delta,
        distance=jnp.sum(jnp.abs(jnp.linalg.eigvalsh(delta))),
        excitations=-delta[0, 0].real,
        energy=energy,
        norm_error=jnp.abs(jnp.sum(weight * square(c)) - 1),
        energy_error=energy_error,
        shell_mass=shell_mass,
        mode_tail=jnp.sum(jnp.abs(occupied[space.modes :])) / (kept + 1e-300),
        spectral_tail=_spectral_tail(last, field.grid),
        edge_mass=jnp.zeros(()) if periodic else _edge_mass(last, field.grid),
        needed_cutoff=_needed(space, shell_mass, occupied[0], tolerance),
        bodies=bodies,
        grid=field.grid,
        space=space,
    )


def _weights(space: FockSpace, bodies: Bodies) -> Array:
    """|c_ν|² = weight · |c̃_ν|²."""
    return jnp.where(tables(space).degree % 2 == 1, bodies.inverse, 1.0)


def deviation(space: FockSpace, bodies: Bodies, c: Complex[Array, " nu"]) -> Complex[Array, "p p"]:
    """Δ."""
    t = tables(space)
    one, _ = annihilated(space, c)
    start, n = c[: t.inner], t.degree[: t.inner]
    weight = _weights(space, bodies)
    source = jnp.where(n % 2 == 0, bodies.inverse, 1.0)
    gamma = (source[None] * one) @ one.conj().T
    alpha = one @ (bodies.root(n) * start.conj())
    excitations = jnp.sum(weight * t.degree * square(c)).astype(c.dtype)
    top = jnp.concatenate([-excitations[None], alpha.conj()])
    return jnp.concatenate([top[None], jnp.concatenate([alpha[:, None], gamma], axis=1)])


def _energies(space, bodies, field, first, last, c, delta):
    """Energy per body, and the energy of the excitations gained or lost, relative to the mean pair energy.

    E_N/N = h_00 − W_00(1 + 1/N)/2 + (tr hΔ + ⟨G⟩)/N, where h_00 − W_00/2 is the conserved Hartree energy.
    """
    M = pair_matrix(field, last)
    moved = apply_generator(space, bodies, M, c)
    h, mean = field.matrix(last), M.mean[0, 0].real
    excess = jnp.sum(h.T * delta).real
    excess = excess + jnp.sum(_weights(space, bodies) * (c.conj() * moved).real)
    energy = h[0, 0].real - 0.5 * mean * (1 + bodies.inverse) + bodies.inverse * excess
    rho = square(first[0])
    before = jnp.sum(field.of_pair(rho) * rho) * field.grid.cell
    gained = jnp.abs(excess - 0.5 * (mean - before))
    return energy, gained / (jnp.abs(before) + jnp.abs(mean) + jnp.finfo(mean.dtype).tiny)


def _spectral_tail(orbitals: Array, grid: Grid) -> Array:
    power = sum(observables.spectral_weights(orbital, grid) for orbital in orbitals[:1])
    return observables.spectral_tail(power, grid.wavenumber_mesh)


def _edge_mass(orbitals: Array, grid: Grid) -> Array:
    return observables.edge_mass(square(orbitals[0]), tuple(range(grid.dimension)))


def _needed(space: FockSpace, mass: Array, occupied: Array, tolerance: Scalar) -> Array:
    """The cutoff at which the last shell of a squeezed state with the leading occupation λ holds `tolerance`.

    k quanta have probability ∝ (λ/(1+λ))^{k/2}, and the first mode counts w_1 each.
    """
    rate = 0.5 * jnp.log1p(1 / jnp.maximum(occupied, 1e-12))
    missing = jnp.log(jnp.maximum(mass, 1e-300) / tolerance) / rate
    return space.cutoff + space.weights[0] * jnp.maximum(missing, 0.0)
