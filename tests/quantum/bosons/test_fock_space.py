"""Fock spaces: what they refuse."""

import pytest

import jaxwigner as jw


@pytest.mark.parametrize(
    "arguments, message",
    [
        (((), 1.0), "Argument `weights` must be given for at least one mode"),
        (((1.0, -1.0), 1.0), "Argument `weights` must be positive"),
        (((1.0,), -1.0), "Argument `cutoff` must be at least 0"),
        (((1.0,), 2.0, 1), "Argument `degree` must be an integer of at least 2, but is 1"),
    ],
)
def test_bad_spaces(arguments, message):
    with pytest.raises(ValueError, match=message):
        jw.FockSpace(*arguments)
