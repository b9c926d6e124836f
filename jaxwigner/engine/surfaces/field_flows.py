"""Half-flows of matrices of fields W_ab(x, p), d = 1: free transport of every one, and a kick from both sides.

In w(x, y) = ∫W e^{+ip·y} dp the kick is w ↦ e^{−iG(x, y)} w e^{+iG(x, −y)} with real symmetric G. With the left product L: w ↦ e^{−iG}w
and D: w(x, y) ↦ w(x, −y)*, which leaves a Hermitian W alone (* with the transpose), it is DLDL: one table serves both sides, and what
undoes L and pulls back through it (`flows.py`) does so for the whole.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.engine.flows import Flow, PhaseFlow, is_single
from jaxwigner.engine.surfaces.flows import Prepared, matrix_kick
from jaxwigner.fourier import fft, ifft
from jaxwigner.grid import Scalar


class FieldsDrift(PhaseFlow):
    """W_ab(x, p) ↦ W_ab(x − pτ/m, p); phases have two leading axes of one."""

    def analyse(self, u: Complex[Array, "n n x p"]) -> Complex[Array, "n n k p"]:
        return fft(u, axis=-2)

    def synthesise(self, spectrum: Complex[Array, "n n k p"]) -> Complex[Array, "n n x p"]:
        return ifft(spectrum, axis=-2)

    def weight(self, shape: tuple[int, ...]) -> float:
        return 1 / shape[-2]


class FieldsKick(Flow):
    """W ↦ F⁻¹(e^{−iG(x, y)} · FW · e^{+iG(x, −y)}); `left` is the product from the left."""

    unrolled: ClassVar[bool] = True
    isometric: ClassVar[bool] = True

    left: Any  # a MatrixKick, or a multiple of one

    def times(self, c: Scalar) -> FieldsKick:
        return FieldsKick(self.left.times(c))

    def ready(self, single: bool = False) -> Any:
        return PreparedFields(self.left.ready(single))

    def __call__(self, state: Any) -> Any:
        return self.ready(is_single(state))(state)

    def pull(self, c: Scalar, ready: PreparedFields, pair: Any) -> tuple[Any, FieldsKick]:
        """Twice through the left product, from the outer one inwards; Parseval's 1/N for its cotangent."""
        spectra, bars = fft(pair, axis=-1), []
        for _ in range(2):
            spectra, bar = self.left.pull(c, ready.left, jax.vmap(adjoint)(spectra))
            bars.append(bar)
        total = jax.tree.map(lambda a, b: (a + b) / pair.shape[-1], *bars)
        return ifft(spectra, axis=-1), FieldsKick(total)


class PreparedFields(eqx.Module):
    """The same with matrices that are known."""

    left: Prepared

    def __call__(self, state: Complex[Array, "n n x p"]) -> Complex[Array, "n n x p"]:
        spectrum = fft(state, axis=-1)
        for _ in range(2):
            spectrum = adjoint(self.left(spectrum))
        return ifft(spectrum, axis=-1)


def adjoint(spectrum: Complex[Array, "n n x y"]) -> Complex[Array, "n n x y"]:
    """D: the adjoint matrices at −y."""
    return jnp.conj(jnp.roll(jnp.flip(jnp.swapaxes(spectrum, 0, 1), -1), 1, -1))


def fields_kick(fields: Float[Array, " pair x y"]) -> FieldsKick:
    """The kick by e^{−iG} of packed matrices G(x, y)."""
    return FieldsKick(matrix_kick(fields))
