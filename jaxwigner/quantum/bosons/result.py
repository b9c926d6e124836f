"""What N bosons look like at the end of a run: the one-body density matrix, distances from the condensate, and certificates.

    Δ = N(R¹_N − |φ⟩⟨φ|) = ( −⟨n⟩   α* )      α_i = ⟨a_0†b_i⟩,  γ_ij = ⟨b_j†b_i⟩,  tr γ = ⟨n⟩
                          (   α     γ  )

between the co-moving modes; its trace norm N‖R¹_N − |φ⟩⟨φ|‖₁ stays bounded as N → ∞.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Complex, Float

from jaxwigner import observables
from jaxwigner._checks import concrete
from jaxwigner._types import Array
from jaxwigner.engine.run import LIMITS, REMEDIES
from jaxwigner.grid import Grid
from jaxwigner.observables import square
from jaxwigner.quantum.bosons.comoving import MeanField
from jaxwigner.quantum.bosons.fock_space import FockSpace, tables
from jaxwigner.quantum.bosons.generator import Bodies, annihilated, apply_generator
from jaxwigner.quantum.bosons.interaction import pair_matrix
from jaxwigner.states import MixedState

FILLED = "few bosons fill the last modes of the space, hence others too: give `FockSpace.complete` of more modes, or use `ManyBody`"
RANGE = 10.0  # mean number of excitations up to which the condensate is a useful reference
GRID_LIMITS = ("spectral_tail", "edge_mass")
FEW = 4  # bosons, for which the error of the distance was up to 14 times that of the energy; a third of it for many
EXCHANGE = 0.1  # the error of the distance of few bosons was 0.02 … 0.35 of their `exchange_error`, which may vanish by chance
LAST = 0.2  # and at most 0.11 of their `last_modes`, mostly 0.01 … 0.04
ENERGY = (
    "the energy of the excitations drifts, so that modes or occupations are missing: give a larger `space` "
    "(`FockSpace.suited`, or `FockSpace.complete` for few bosons), more `candidates`, or use `ManyBody`"
)


class Excitations(eqx.Module):
    """N bosons near the condensate φ(t), as `FockExcitations.evolve` returns them.

    `orbitals` (m+1, *shape): φ(t) and the modes; `amplitudes`: c̃_ν (see `excitation_generator.py`); `deviation`: Δ, (m+1, m+1);
    `distance`: N‖R¹_N − |φ⟩⟨φ|‖₁; `excitations`: ⟨n⟩; `energy`: per body.

    Certificates: `norm_error`: of ‖Ψ‖², by the time step; `energy_error`: energy of the excitations lost or gained, relative to V's;
    `exchange_error`: the same relative to √Σ|M_(ij),00|², by which pairs leave the condensate: neither a constant in V nor ħ hides it;
    `shell_mass`: probability in the last shell of the Fock space; `mode_tail`: share of the excitations that Bogoliubov's theory
    puts into modes left out (few bosons fill more of them than it says: `last_modes` notices); `occupations`: its mean occupations
    of all candidates, for `FockSpace.suited`; `spectral_tail`, `edge_mass`: of φ(t) on the grid.
    """

    orbitals: Complex[Array, " p *shape"]
    amplitudes: Complex[Array, " nu"]
    deviation: Complex[Array, "p p"]
    distance: Float[Array, ""]
    excitations: Float[Array, ""]
    energy: Float[Array, ""]
    norm_error: Float[Array, ""]
    energy_error: Float[Array, ""]
    exchange_error: Float[Array, ""]
    shell_mass: Float[Array, ""]
    mode_tail: Float[Array, ""]
    spectral_tail: Float[Array, ""]
    edge_mass: Float[Array, ""]
    occupations: Float[Array, " i"]
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
        """r¹_N(x, y) on the grid, as `reduced_state` gives it for the full N-body state."""
        rows = self.orbitals.reshape(self.orbitals.shape[0], -1)
        return (rows.T @ self.one_body @ rows.conj()).reshape(self.grid.shape * 2)

    @property
    def state(self) -> MixedState:
        """R¹_N by its natural orbitals and their occupations."""
        weights, vectors = jnp.linalg.eigh(self.one_body)
        return MixedState(jnp.maximum(weights, 0.0), jnp.tensordot(vectors.T, self.orbitals, 1))

    @property
    def expected(self) -> Float[Array, "*lanes"]:
        """⟨n⟩ by Bogoliubov's theory, which no truncation of Fock space hides; never above N."""
        most = jnp.where(self.bodies.inverse > 0, self.bodies.number, jnp.inf)
        return jnp.minimum(jnp.sum(self.occupations, axis=-1), most)

    @property
    def few(self) -> Bool[Array, "*lanes"]:
        """Whether there are so few bosons that they fill modes in another order than Bogoliubov's theory has it."""
        return (self.bodies.inverse > 0) & (self.bodies.number <= FEW)

    @property
    def last_modes(self) -> Float[Array, "*lanes"]:
        """Share of the excitations in the two last modes: what the modes left out would hold is less."""
        filled = jnp.diagonal(self.deviation, axis1=-2, axis2=-1).real[..., 1:]
        floor = jnp.sqrt(
            jnp.finfo(filled.dtype).eps
        )  # excitations that are rounding errors fill all modes alike
        return jnp.sum(filled[..., -2:], axis=-1) / (jnp.sum(filled, axis=-1) + floor)

    @property
    def mendable(self) -> Bool[Array, "*lanes"]:
        """Whether a larger space could be what is missing: the grid and Bogoliubov's theory stand, and few bosons need no theory."""
        return (self.few | (self.expected <= RANGE)) & (
            self.spectral_tail <= LIMITS["spectral_tail"]
        )

    def holds(self, tolerance: float = 1e-3) -> Bool[Array, "*lanes"]:
        """Whether every certificate is within its limit."""
        return jnp.all(jnp.stack([value <= limit for value, limit, _ in self._limits(tolerance)]))

    def check(self, tolerance: float = 1e-3) -> Excitations:
        """This result, if it is resolved to `tolerance`.

        **Raises:** `ValueError` with the remedy; under jit the same at run time (`equinox.EquinoxRuntimeError`).
        """
        limits = self._limits(tolerance)
        bad = jnp.stack([~(value <= limit) for value, limit, _ in limits])
        if concrete(bad):
            if np.any(np.asarray(bad[0])):  # a run that diverged says nothing more
                limits, bad = limits[:1], bad[:1]
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
        shell = "the last shell of the Fock space is occupied: raise its `cutoff`"
        if concrete((self.shell_mass, self.occupations)):
            shell += f" from {self.space.cutoff:g} to about {self.needed_cutoff(tolerance):.2g}"
        modes = f"more than {self.space.modes} modes are occupied: give more `weights`"
        grid = [(getattr(self, name), LIMITS[name], REMEDIES[name]) for name in GRID_LIMITS]
        return [
            (self.norm_error, LIMITS["norm_error"], "the norm drifts: increase `steps`"),
            (
                self.expected,
                RANGE,
                "too many excitations for this method, whatever its truncation",
            ),
            (self.shell_mass, tolerance, shell),
            (self.mode_tail, tolerance, modes),
            (self._energy(), tolerance, ENERGY),
            (jnp.where(self.few, LAST * self.last_modes, 0.0), tolerance, FILLED),
            *grid,
        ]

    def _energy(self) -> Array:
        """What the energy says of the distance: few bosons leave the space before the energy of all of V shows it."""
        of_few = jnp.maximum(self.energy_error, EXCHANGE * self.exchange_error)
        return jnp.where(self.few, of_few, self.energy_error / 3)

    def needed_cutoff(self, tolerance: float) -> float:
        """The cutoff at which the last shell would hold `tolerance`, for concrete values (of a batch: the worst lane).

        k quanta in a squeezed mode of occupation λ have probability ∝ (λ/(1+λ))^{k/2}, and the first mode counts w_1 each.
        """
        occupied = max(float(np.max(np.asarray(self.occupations)[..., 0])), 1e-12)
        mass = max(float(np.max(self.shell_mass)), 1e-300)
        missing = max(0.0, np.log(mass / tolerance)) / (0.5 * np.log1p(1 / occupied))
        return self.space.cutoff + self.space.weights[0] * missing


def measured(
    space: FockSpace,
    bodies: Bodies,
    field: MeanField,
    first: Array,
    last: Array,
    c: Complex[Array, " nu"],
    occupied: Float[Array, " i"],
    periodic: bool,
) -> Excitations:
    """Everything that `Excitations` reports, from the orbitals at both ends and the amplitudes at the end."""
    weight = _weights(space, bodies)
    delta = deviation(space, bodies, c)
    energy, energy_error, exchange_error = _energies(space, bodies, field, first, last, c, delta)
    t = tables(space)
    shell = t.shell * (bodies.root(t.degree + 1.0) > 0)
    shell_mass = jnp.sum(shell * weight * square(c))
    power = observables.spectral_weights(last[0], field.grid)
    edges = () if periodic else tuple(range(field.grid.dimension))
    return Excitations(
        orbitals=last,
        amplitudes=c,
        deviation=delta,
        distance=jnp.sum(jnp.abs(jnp.linalg.eigvalsh(delta))),
        excitations=-delta[0, 0].real,
        energy=energy,
        norm_error=jnp.abs(jnp.sum(weight * square(c)) - 1),
        energy_error=energy_error,
        exchange_error=exchange_error,
        shell_mass=shell_mass,
        mode_tail=jnp.sum(jnp.abs(occupied[space.modes :]))
        / (jnp.sum(jnp.abs(occupied)) + jnp.finfo(occupied.dtype).tiny),
        spectral_tail=observables.spectral_tail(power, field.grid.wavenumber_mesh),
        edge_mass=observables.edge_mass(square(last[0]), edges),
        occupations=occupied,
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
    """Energy per body, and the energy of the excitations gained or lost, relative to the mean pair energy and to pair creation.

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
    whole = jnp.abs(before) + jnp.abs(mean) + jnp.finfo(mean.dtype).tiny
    # A V without pair creation leaves rounding errors on both sides.
    exchanged = jnp.linalg.norm(M.creation) + jnp.sqrt(jnp.finfo(mean.dtype).eps) * whole
    return energy, gained / whole, gained / exchanged
