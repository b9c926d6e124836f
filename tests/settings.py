"""That settings of an experiment are checked: the same test for each of them."""

import pytest


def refused(small, **wrong):
    """A test: small settings with one of the wrong values of a key are refused by a sentence about a key."""

    @pytest.mark.parametrize("change", [{key: one} for key in wrong for one in wrong[key]])
    def test(change):
        with pytest.raises(ValueError, match="Key"):
            small(**change)

    return test
