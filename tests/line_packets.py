"""A Gaussian packet on a line without the library: Schrödinger's equation by diagonalisation, its Wigner ensemble by quadrature.

Both are exact to far below what is compared with them: a sine basis on an interval that the packet does not leave, and Gauss–Hermite
nodes followed by a Runge–Kutta method of order 8.
"""

import numpy as np
from scipy.integrate import solve_ivp


class Line:
    """U and U′ by NumPy, the mass, and mean (q, p) and position variance of a pure packet, at one ħ."""

    def __init__(self, value, slope, mass, hbar, mean, variance, ends, points=300):
        self.value, self.slope, self.mass, self.hbar = value, slope, mass, hbar
        (self.q, self.p), self.variance = mean, variance
        self.ends, self.points = ends, points

    def quantum(self, times, *functions):
        """⟨A(x)⟩ at the times, a row for each function; with None for a function, ⟨p²/2m⟩."""
        (a, b), n = self.ends, self.points
        x = a + (b - a) * np.arange(1, n) / n
        k = np.pi * np.arange(1, n) / (b - a)
        sines = np.sqrt(2 / n) * np.sin(np.outer(x - a, k))
        kinetic = (sines * (self.hbar * k) ** 2 / (2 * self.mass)) @ sines.T
        energies, vectors = np.linalg.eigh(kinetic + np.diag(self.value(x)))
        start = np.exp(-((x - self.q) ** 2) / (4 * self.variance) + 1j * self.p * x / self.hbar)
        start /= np.linalg.norm(start)
        phases = np.exp(-1j * np.outer(energies, times) / self.hbar)
        psi = vectors @ (phases * (vectors.T @ start)[:, None])
        rows = [
            np.einsum("xt,xy,yt->t", psi.conj(), kinetic, psi, optimize=True).real
            if f is None
            else f(x) @ np.abs(psi) ** 2
            for f in functions
        ]
        return np.array(rows)

    def classical(self, times, *functions, nodes=40):
        """The same means over the Wigner function."""
        z, w = np.polynomial.hermite_e.hermegauss(nodes)
        w = w / w.sum()
        far = np.sqrt(self.variance)
        x, p = np.meshgrid(self.q + far * z, self.p + self.hbar / (2 * far) * z, indexing="ij")
        weights = np.outer(w, w).ravel()

        def rate(_, y):
            x, p = np.split(y, 2)
            return np.concatenate([p / self.mass, -self.slope(x)])

        start = np.concatenate([x.ravel(), p.ravel()])
        span = (0.0, times[-1])
        path = solve_ivp(rate, span, start, "DOP853", t_eval=times, rtol=1e-10, atol=1e-12).y
        x, p = np.split(path, 2)
        return np.array(
            [weights @ (p**2 / (2 * self.mass) if f is None else f(x)) for f in functions]
        )

    def gap(self, times, *functions, nodes=40):
        return self.quantum(times, *functions) - self.classical(times, *functions, nodes=nodes)


FS = 41.341374575751


def morse(depth, steepness, centre, mass, hbar, position, ends, points=300):
    """A packet of the width of the well, at rest at a distance."""

    def far(R):
        return np.exp(-steepness * (R - centre))

    frequency = steepness * np.sqrt(2 * depth / mass)
    return Line(
        lambda R: depth * (1 - far(R)) ** 2,
        lambda R: 2 * depth * steepness * far(R) * (1 - far(R)),
        mass,
        hbar,
        (position, 0.0),
        hbar / (2 * mass * frequency),
        ends,
        points,
    )


def hydroxyl(hbar=1.0):
    """OH at 2.2 bohr."""
    return morse(0.1994, 1.189, 1.821, 1728.539, hbar, 2.2, (0.8, 7.0), 220)
