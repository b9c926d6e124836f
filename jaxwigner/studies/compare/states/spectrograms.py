"""Points of Keller, Lasser and Ohsawa's density in d = 2, from spectrograms alone (SIAM J. Appl. Dyn. Syst. 15, 1838, 2016).

With the spectrogram S_g(q, p) = (2πħ)^{−d}|∫ψ(y) g(y − q)e^{−ipy/ħ}dy|² ≥ 0, ∫∫S_g = 1, of the Gaussian g_0 and of the first Hermite
functions g_j,

    μ = (1 + d/2) S_0 − ½ Σ_j S_j,    ⟨op(a)⟩ = ∫∫aμ + O(ħ²):

a window is drawn by |coefficient|, q from the marginal of its spectrogram, p from that of the windowed orbital, each from pixels, and
what pixels leave out is in the weight. Husimi's density S_0 alone would be wrong by O(ħ). Windows have the aspect of the state.
"""

from __future__ import annotations

import numpy as np

from jaxwigner.studies.compare.states.orbitals import Own
from jaxwigner.studies.compare.states.table import quantile

BATCH = 256


def spectrogram_points(
    own: Own, hbar: float, uniforms: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions and momenta (n, 2) and signed weights of mean 1, from points of the unit cube in four dimensions."""
    widths = _widths(own, hbar)
    d = own.grid.dimension
    coefficients = np.array([1 + d / 2] + [-0.5] * d)
    shares = np.outer(np.abs(coefficients) / np.abs(coefficients).sum(), own.weights).ravel()
    # The first uniform says which window and which orbital, and what is left of it goes on.
    ends = np.concatenate([[0.0], np.cumsum(shares / shares.sum())])
    which = np.clip(np.searchsorted(ends, uniforms[:, 0], side="right") - 1, 0, len(shares) - 1)
    u = uniforms.copy()
    u[:, 0] = (u[:, 0] - ends[which]) / np.diff(ends)[which]
    q, p, weights = (np.empty(s) for s in ((len(u), d), (len(u), d), (len(u),)))
    for one in np.unique(which):
        index, orbital = np.divmod(one, len(own.weights))
        mine = np.nonzero(which == one)[0]
        window = _Window(own, own.orbitals[orbital], hbar, widths, index - 1)
        for part in np.array_split(mine, -(-len(mine) // BATCH)):
            q[part], p[part], ratio = window.points(u[part])
            weights[part] = np.sign(coefficients[index]) * np.abs(coefficients).sum() * ratio
    return q, p, weights / weights.mean()


def _widths(own: Own, hbar: float) -> np.ndarray:
    """Standard deviations of |g_0|² along the axes: ħ/2 = σ_q σ_p, in the ratio of those of the state."""
    deviations = []
    for places, shares in own.densities(hbar):
        deviations.append(np.sqrt(shares @ (places - shares @ places) ** 2))
    d = own.grid.dimension
    return np.sqrt(0.5 * hbar * np.array(deviations[:d]) / np.array(deviations[d:]))


class _Window:
    """One orbital seen through one window: Gaussian (`excited` −1) or with its first Hermite function along an axis."""

    def __init__(self, own: Own, psi: np.ndarray, hbar: float, widths: np.ndarray, excited: int):
        self.grid, self.psi, self.hbar = own.grid, psi, hbar
        self.widths, self.excited = widths, excited
        self.axes = [np.asarray(x, float) for x in own.grid.axes]
        self.steps = [float(s) for s in own.grid.spacing]
        self.edges = [
            x[0] - s / 2 + s * np.arange(x.size + 1) for x, s in zip(self.axes, self.steps)
        ]
        self.momenta = [np.fft.fftshift(hbar * np.asarray(k)) for k in own.grid.wavenumbers]
        rho = np.abs(psi) ** 2
        for axis in (0, 1):
            offsets = self.axes[axis][:, None] - self.axes[axis][None, :]
            rho = np.moveaxis(
                np.tensordot(self.profile(axis, offsets) ** 2, rho, (1, axis)), 0, axis
            )
        self.rho = _floored(rho)

    def profile(self, axis: int, offsets: np.ndarray) -> np.ndarray:
        """g along an axis, ∫g² = 1."""
        s = offsets / self.widths[axis]
        gaussian = (2 * np.pi * self.widths[axis] ** 2) ** -0.25 * np.exp(-(s**2) / 4)
        return s * gaussian if axis == self.excited else gaussian

    def points(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """q and p, and the spectrogram there over the density that they were drawn from."""
        every = np.arange(len(u))
        q, density = _drawn(self.rho[None], self.edges, u[:, :2], np.zeros(len(u), int))
        seen = self._seen(q)
        power = np.abs(np.fft.fftn(seen, axes=(1, 2))) ** 2
        steps = [k[1] - k[0] for k in self.momenta]
        edges = [k[0] - s / 2 + s * np.arange(k.size + 1) for k, s in zip(self.momenta, steps)]
        shares = _floored(np.fft.fftshift(power, axes=(1, 2)))
        p, more = _drawn(shares, edges, u[:, 2:], every)
        waves = [np.exp((-1j / self.hbar) * p[:, a, None] * x) for a, x in enumerate(self.axes)]
        inside = np.einsum("sab,sb->sa", seen, waves[1])
        amplitude = np.einsum("sa,sa->s", inside, waves[0]) * np.prod(self.steps)
        spectrogram = np.abs(amplitude) ** 2 / (2 * np.pi * self.hbar) ** 2
        return q, p, spectrogram / (density * more)

    def _seen(self, q: np.ndarray) -> np.ndarray:
        """ψ(y)g(y − q) for each q."""
        one, two = (
            self.profile(axis, x[None, :] - q[:, axis, None]) for axis, x in enumerate(self.axes)
        )
        return self.psi[None] * one[:, :, None] * two[:, None, :]


def _floored(field: np.ndarray) -> np.ndarray:
    """Shares of pixels that sum to 1 over the last two axes, none of them smaller than its neighbours by much."""
    from scipy.ndimage import maximum_filter

    size = (1,) * (field.ndim - 2) + (3, 3)
    field = 0.5 * (field + maximum_filter(field, size))
    field = field + 1e-9 * field.max(axis=(-2, -1), keepdims=True)
    return field / field.sum(axis=(-2, -1), keepdims=True)


def _drawn(
    shares: np.ndarray, edges: list[np.ndarray], u: np.ndarray, row: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Places in the plane drawn from pixels of the field of each row, and the density there."""
    first = shares.sum(axis=2)
    x, i = quantile(u[:, 0], first, edges[0], row)
    columns = shares[row, i] / first[row, i, None]
    y, j = quantile(u[:, 1], columns, edges[1], np.arange(len(u)))
    pixel = np.prod([e[1] - e[0] for e in edges])
    return np.stack([x, y], axis=1), shares[row, i, j] / pixel
