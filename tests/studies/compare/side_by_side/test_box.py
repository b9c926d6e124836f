"""What no box holds is said in one sentence, with the share of the packet that leaves, before anything long is computed."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.units import fs

MORSE = jw.potentials.Morse(0.1994, 1.189, 1.821)
PLACES = np.linspace(1.0, 4.0, 30)
TABLE = jw.potentials.Curve(PLACES, MORSE(PLACES))
OH = dict(mass=1728.539, state=jw.Packet(2.2), duration=10 * fs, hbar=(1,), saves=8)


@pytest.mark.parametrize(
    ("potential", "change", "words"),
    [
        (TABLE, {"state": jw.Packet(5.0)}, "`position` must lie where the potential is defined"),
        (
            TABLE,
            {"state": jw.Packet(2.2, 25.0)},
            r"`state` must stay where `potential` is defined \(-inf to 4.0\) and bounded below, "
            r"but 7\d\.\d% of it leaves",
        ),
        (
            MORSE,
            {"state": jw.Packet(2.2, 30.0), "duration": 2000 * fs, "saves": 64},
            r"`duration` must be short enough for a box of .* points .*: (9\d\.\d|100.0)% of the packet goes far",
        ),
        (MORSE, {"duration": 1e7 * fs}, "`duration` must be short enough to be followed"),
        (
            lambda x: -0.1 * x**4,
            {"state": jw.Packet(0.5, width=0.1), "duration": 200 * fs},
            "`state` must stay .* bounded below, but 100.0% of it leaves",
        ),
        (lambda x: -(x**2), {"state": jw.Packet(1.0)}, "`width` must be given: there is no well"),
        (lambda x: np.cos(x), {}, "use jax.numpy"),
        (lambda x: x if x > 0 else -x, {}, r"`jnp.where` in place of `if`"),
        (lambda x: jnp.cos(x), {"observe": lambda x: np.sin(x)}, r"`observe` must .*\(use jax.numpy"),
    ],
)  # fmt: skip
def test_what_leaves(potential, change, words):
    with pytest.raises(ValueError, match=f"^Argument {words}|^Argument .*{words}"):
        jw.compare(potential, **(OH | change))
