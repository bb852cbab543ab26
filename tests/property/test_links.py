"""Tokens in links of mails: what was sealed is opened, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.links import opened_link, sealed_link
from chalicelib.domain.names import Namer

NAMER = Namer(b"n" * 32)
parts = st.lists(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), min_size=1
)


@given(parts)
def test_a_link_says_what_it_was_made_for_and_stands_in_a_path_as_it_is(said: list[str]) -> None:
    token = sealed_link(NAMER, "way", *said)
    assert opened_link(NAMER, "way", token) == tuple(said)
    assert token.replace("-", "").replace("_", "").isalnum()
    assert token.isascii()


@given(parts)
def test_a_link_is_good_for_its_kind_and_under_its_secret_alone(said: list[str]) -> None:
    token = sealed_link(NAMER, "way", *said)
    assert opened_link(NAMER, "other", token) is None
    assert opened_link(Namer(b"o" * 32), "way", token) is None


@given(parts, st.data())
def test_a_link_that_was_changed_anywhere_is_none(said: list[str], data: st.DataObject) -> None:
    token = sealed_link(NAMER, "way", *said)
    place = data.draw(st.integers(0, len(token) - 2))  # the last one may hold bits of no meaning
    letter = data.draw(st.sampled_from("Aa0-_~. ="))
    changed = token[:place] + letter + token[place + 1 :]
    assert (opened_link(NAMER, "way", changed) is None) == (changed != token)
    assert opened_link(NAMER, "way", token[:place] + "~" + token[place:]) is None


@given(st.text())
def test_anything_else_is_no_link(text: str) -> None:
    assert opened_link(NAMER, "way", text) is None
