"""What every state offers, without a grid and at any ħ; and the points of a Wigner function as weighted particles."""

from __future__ import annotations

import abc
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_integer, check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states import Particles
from jaxwigner.studies.compare.states.own import OwnSystem

SIGMAS = 5.2  # standard deviations: 1.4e-6 of the maximum of a Gaussian
EDGE = 1e-12  # uniforms stay that far from 0 and 1


class State(eqx.Module):
    """A state of a system (`OwnSystem`), in atomic units: ψ (or a mixture) on any grid, and weighted points of its Wigner function.

    `hbar` is an argument everywhere; 1 is the real one.
    """

    @abc.abstractmethod
    def wave(self, system: OwnSystem, grid: Grid, hbar: Scalar = 1.0) -> Any:
        """ψ on a grid, or a `MixedState` of orbitals there."""

    @abc.abstractmethod
    def points(
        self, system: OwnSystem, hbar: Scalar, uniforms: Float[Array, "n m"]
    ) -> tuple[Float[Array, "n d"], Float[Array, "n d"], Float[Array, " n"]]:
        """Positions, momenta and weights of mean 1 from points of the unit cube in m = 2d dimensions."""

    @abc.abstractmethod
    def centre(
        self, system: OwnSystem, hbar: Scalar = 1.0
    ) -> tuple[Float[Array, " d"], Float[Array, " d"]]:
        """Mean position and mean momentum: where a single trajectory starts."""

    @abc.abstractmethod
    def deviations(
        self, system: OwnSystem, hbar: Scalar = 1.0
    ) -> tuple[Float[Array, " d"], Float[Array, " d"]]:
        """Standard deviations of position and of momentum."""

    @abc.abstractmethod
    def rim(
        self, system: OwnSystem, hbar: Scalar = 1.0, sigmas: float = SIGMAS
    ) -> tuple[Float[Array, "k d"], Float[Array, "k d"]]:
        """Points of phase space around the state, beyond which W is below e^{−sigmas²/2} of its maximum: for choosing a box."""

    def cloud(
        self, system: OwnSystem, hbar: Scalar = 1.0, number: int = 2**12, seed: int = 0
    ) -> Particles:
        """`number` weighted points that represent the Wigner function: a scrambled Sobol sequence, mapped.

        Weights are equal for Gaussians; where W may be negative they have signs, and Σ|w| ≥ 1 (`signs`) says what that costs: a
        standard error is about so many times larger.
        """
        check_positive_scalar("hbar", hbar)
        q, p, weights = self.points(system, hbar, sobol(2 * system.d, number, seed))
        return signed_particles(weights / number, q, p)


def sobol(dimension: int, number: int, seed: int) -> np.ndarray:
    """The first `number` points of a scrambled Sobol sequence, inside of the open unit cube.

    >>> from jaxwigner.studies.compare.states.state import sobol
    >>> sobol(2, 5, 0).shape
    (5, 2)
    """
    from scipy.stats import qmc

    check_integer("number", number, at_least=1)
    check_integer("seed", seed, at_least=0)
    sequence = qmc.Sobol(dimension, scramble=True, rng=np.random.default_rng(seed))
    points = sequence.random_base2(max(int(number) - 1, 1).bit_length())[:number]
    return np.clip(points, EDGE, 1 - EDGE)


def signed_particles(weights: Any, positions: Any, momenta: Any) -> Particles:
    """Particles whose weights may have signs, as those of a Wigner function have; their sum is 1."""
    number = jnp.shape(weights)[0]
    particles = Particles(np.full(number, 1 / number), positions, momenta)
    weights = jnp.asarray(weights, particles.positions.dtype)
    return eqx.tree_at(lambda z: z.weights, particles, weights)


def signs(particles: Particles) -> Float[Array, ""]:
    """Σ|w| of signed weights: 1 where none is negative.

    >>> import jaxwigner as jw
    >>> from jaxwigner.studies.compare.states.state import signs
    >>> float(signs(jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, 0.0])))
    1.0
    """
    return jnp.sum(jnp.abs(particles.weights))
