"""The consistency term of Golse–Paul §5.4: how far one body feels N − 1 others from feeling their mean.

K_N(ρ) = ∫|(1/N)Σ_{j≥2}∇V(x_1 − x_j) − ∇V⋆ρ(x_1)|²ρ^{⊗N}
       = N^{−2}∫ρ[(N−1)G − (N−2)|F|²],  G = |∇V|²⋆ρ, F = ∇V⋆ρ     (exact, beyond the paper)
       ≤ ((N−1)/N²)‖∇V‖²,  and the paper's 8‖∇V‖²/(N−1)
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_choice, check_integer
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.potentials import as_potential
from jaxwigner.potentials.pairs.on_particles import PairSum
from jaxwigner.states import Particles

FORMS = ("paper", "sharp")  # of the bound on K_N


def consistency(cloud: Particles, pair: Any, number: Scalar) -> Float[Array, ""]:
    """K_N of a cloud: the mean square distance between the force of N − 1 others and the mean force, exactly."""
    pair, x, w = as_potential(pair), cloud.positions, cloud.weights
    F = PairSum(pair).slope(x, w)
    G = PairSum(_SquaredGradient(pair)).potential(x, w)
    return w @ ((number - 1) * G - (number - 2) * jnp.sum(F**2, axis=1)) / number**2


class _SquaredGradient(eqx.Module):
    pair: Any

    def __call__(self, *x):
        return sum(slope**2 for slope in self.pair.gradient(*x))


def sampled_consistency(
    cloud: Particles, pair: Any, number: int, samples: int, key: Array
) -> Inequality:
    """K_N against its definition, by `samples` draws of N positions; the error is four standard deviations."""
    check_integer("number", number, at_least=2)
    pair = as_potential(pair)
    chosen = jax.random.choice(key, cloud.weights.shape[0], (samples, number), p=cloud.weights)
    mean_force = PairSum(pair).slope(cloud.positions, cloud.weights)

    def square(index):
        x = cloud.positions[index]
        gaps = tuple((x[:1] - x[1:]).T)
        force = jnp.stack([jnp.sum(slope) for slope in pair.gradient(*gaps)]) / number
        return jnp.sum((force - mean_force[index[0]]) ** 2)

    squares = lax.map(square, chosen, batch_size=1024)
    error = 4 * jnp.std(squares) / np.sqrt(samples)
    return Inequality(
        "beyond GP §5.4",
        "K_N = N^{−2}∫ρ[(N−1)G − (N−2)|F|²]",
        Bracket.estimated(jnp.mean(squares), error),
        consistency(cloud, pair, number),
        kind="identity",
        width=2.5 * error,
        parameters={"N": number},
    )


def consistency_bound(cloud: Particles, pair: Any, number: Scalar, *, form: str = "paper"):
    """K_N ≤ 8‖∇V‖∞²/(N−1) ("paper") or ((N−1)/N²)‖∇V‖∞² ("sharp", beyond the paper)."""
    check_choice("form", form, FORMS)
    pair = as_potential(pair)
    size = pair.gradient_bound**2
    right = 8 * size / (number - 1) if form == "paper" else (number - 1) / number**2 * size
    return Inequality(
        "GP §5.4" if form == "paper" else "beyond GP §5.4",
        "K_N ≤ " + ("8‖∇V‖²/(N−1)" if form == "paper" else "((N−1)/N²)‖∇V‖²"),
        consistency(cloud, pair, number),
        right,
        parameters={"N": number},
    )
