"""From states to phase space and back: Wigner, Husimi, Töplitz, and integrals against test functions."""

from jaxwigner.phase_space.husimi import husimi as husimi
from jaxwigner.phase_space.matrix_wigner import matrix_wigner as matrix_wigner
from jaxwigner.phase_space.toeplitz import ToeplitzState as ToeplitzState
from jaxwigner.phase_space.toeplitz import toeplitz_state as toeplitz_state
from jaxwigner.phase_space.weak import GaussianTest as GaussianTest
from jaxwigner.phase_space.weak import weak_integral as weak_integral
from jaxwigner.phase_space.weak import wigner_at as wigner_at
from jaxwigner.phase_space.weak import wigner_expectation as wigner_expectation
from jaxwigner.phase_space.wigner import bilinear_wigner as bilinear_wigner
from jaxwigner.phase_space.wigner import marginals as marginals
from jaxwigner.phase_space.wigner import wigner as wigner
from jaxwigner.phase_space.wigner_terms import f_hbar as f_hbar
from jaxwigner.phase_space.wigner_terms import g_hbar as g_hbar
