"""A claim is declared once; what is declared twice, for nobody, or about another place is refused."""

import jax
import numpy as np
import pytest

from jaxwigner import Bracket
from jaxwigner.studies import claims
from jaxwigner.studies.claims import report
from jaxwigner.studies.claims.claim import (
    ADDED,
    AFG,
    CLAIMS,
    GP,
    Row,
    case,
    check_parts,
    claim,
    control,
    more,
)
from jaxwigner.theorems import Inequality


@pytest.fixture
def registry(monkeypatch):
    """What a test declares is forgotten after it."""
    ids, added = dict(CLAIMS), list(ADDED)
    yield
    CLAIMS.clear()
    CLAIMS.update(ids)
    ADDED[:] = added


def half(place="GP Lemma 4.1", right=1.0):
    return Inequality(place, "½ ≤ 1", Bracket.exact(0.5), Bracket.exact(right))


def test_one_declaration_is_all(registry):
    """The id stands in the decorator; other data come in by `more`, in their order, after the claim's own."""

    @claim("G99", "GP Lemma 4.1")
    def measured(full):
        """½
        ≤ 1.

        *Given* arithmetic.
        **Beyond:** nothing.

        Known
        for long.
        """
        yield case("whole", half())
        yield control("a quarter", half(right=0.25))

    @more("G99", order=1)
    def last(full):
        yield case("last", half(), ("holds", "tight"), series={"both": np.eye(2)}, N=3)

    @more("G99")
    def second(full):
        yield case("full" if full else "quick", half())

    check_parts()
    rows = list(claims.measure(["G99"]))
    assert [row.case for row in rows] == ["whole", "a quarter", "quick", "last"]
    assert {row.id for row in rows} == {"G99"} and all(row.as_expected for row in rows)
    assert [row.is_control for row in rows] == [False, True, False, False]
    assert rows[1].statement == "control, GP Lemma 4.1: ½ ≤ 1"
    assert rows[3].parameters == {"N": 3} and rows[3].series["both"].shape == (2, 2)
    assert [row.case for row in claims.measure("G99", full=True)][2] == "full"
    assert claims.ids().index("G99") == claims.ids().index("G20") + 1
    one = CLAIMS["G99"]
    assert (one.paper, one.place, one.statement) == (GP, "Lemma 4.1", "½ ≤ 1")
    assert (one.given, one.beyond, one.text) == ("arithmetic", "nothing", "Known for long.")


def test_an_id_twice_is_refused(registry):
    with pytest.raises(ValueError, match="`id` must be declared once, but is 'A9'"):
        claim("A9", "AFG Lemma 5.1")


def test_more_of_an_unknown_claim_is_refused(registry):
    more("A99")(lambda full: iter(()))
    with pytest.raises(ValueError, match="`id` must be that of a claim .*, but is 'A99'"):
        check_parts()


def test_a_case_about_another_place_is_refused(registry):
    @claim("G99", "GP Lemma 4.1, (10)")
    def measured(full):
        """½ ≤ 1."""
        yield case("right", half("beyond GP Lemma 4.1 (ii) (sharp)"))
        yield case("no place of a paper", half("two methods"))
        yield control("a control may be about another", half("GP (11)", 0.25))
        yield case("wrong", half("GP (11)"))

    rows = claims.measure(["G99"])
    assert all(next(rows).as_expected for _ in range(3))
    with pytest.raises(
        ValueError, match=r"must be about GP Lemma 4\.1, \(10\), but 'wrong' is about GP \(11\)"
    ):
        next(rows)
    assert not CLAIMS["G99"].covers("AFG Lemma 4.1")


def test_every_claim_says_what_it_is():
    for name, one in CLAIMS.items():
        assert one.paper in (AFG, GP) and one.place and one.statement, name
        assert len(one.text) > 40 and one.text.endswith("."), name
        assert not one.statement.endswith("."), name


def test_ids_are_in_the_order_of_the_table():
    known = claims.ids()
    assert known[0] == "G1" and known[-1] == "diagram" and set(known) == set(CLAIMS)
    numbers = [(name[0], int(name[1:])) for name in known[:-1]]
    assert numbers == sorted(numbers, key=lambda one: ("GAWQS".index(one[0]), one[1]))


def test_unknown_ids_are_refused_before_anything_is_measured():
    with pytest.raises(ValueError, match=r"`ids` must be among .*A1.*, but has 'A99'"):
        claims.measure(["A1", "A99"])


def test_single_precision_is_refused():
    with jax.enable_x64(False), pytest.raises(ValueError, match="float64"):
        claims.measure(["A1"])


def test_a_row_that_fails_is_seen():
    row = case("one", half())
    assert row.as_expected
    values = {name: getattr(row, name) for name in row.__dataclass_fields__}
    assert not Row(**{**values, "verdict": "violated"}).as_expected
    assert Row(**{**values, "verdict": "tight", "expected": ("holds", "tight")}).as_expected


def test_square_series_have_two_dimensions():
    dataset = report.as_dataset([case("square", half(), series={"both": np.eye(3)})])
    assert dataset["series_0_both"].dims == ("series_0_axis_3", "series_0_axis_3_again")
