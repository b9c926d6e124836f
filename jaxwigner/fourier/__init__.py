"""Fourier transforms that stay where their arrays are: `fftn` and its siblings in place of `jax.numpy.fft`."""

from jaxwigner.fourier.transforms import fft as fft
from jaxwigner.fourier.transforms import fftn as fftn
from jaxwigner.fourier.transforms import ifft as ifft
from jaxwigner.fourier.transforms import ifftn as ifftn
from jaxwigner.fourier.transforms import irfftn as irfftn
from jaxwigner.fourier.transforms import rfftn as rfftn
