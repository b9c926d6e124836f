"""Three or four nuclei, and their packets."""

import numpy as np

from jaxwigner.quantum.nuclei.product_packets import ProductPackets

PLACES = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.7], [0.8, -0.3, 0.1], [-0.5, 0.6, 0.4]])
MOMENTA = np.array([[0.2, 0.0, -0.4], [0.0, 0.3, 0.1], [-0.6, 0.1, 0.0], [0.1, -0.2, 0.5]])
CHARGES = np.array([[0, 0.5, 0.8, 0.4], [0.5, 0, 0.3, 0.7], [0.8, 0.3, 0, 0.6], [0.4, 0.7, 0.6, 0]])


def product(nuclei, hbar=0.1, **options):
    return ProductPackets(PLACES[:nuclei], MOMENTA[:nuclei], hbar, **options)


def pairs(nuclei):
    return (
        CHARGES[np.triu_indices(nuclei, 1)]
        if nuclei == 4
        else CHARGES[:3, :3][np.triu_indices(3, 1)]
    )
