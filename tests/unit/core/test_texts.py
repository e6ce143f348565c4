import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import plain_text, plain_texts


@given(st.text(max_size=200))
def test_what_is_kept_can_be_stored_and_obeyed_by_no_terminal(text: str) -> None:
    kept = plain_text(text, "field")
    kept.encode()
    assert not [c for c in kept if ord(c) < 0x20 and c not in "\t\n"]
    assert not [c for c in kept if 0x7F <= ord(c) < 0xA0]


def test_shell_and_markup_stay_as_they_are() -> None:
    text = "$(rm -rf /) `id` ; && <script> 'quotes' \"double\" %s {x} ünïcødé 🎉"
    assert plain_text(text, "field") == text


def test_escape_sequences_become_visible() -> None:
    assert plain_text("a\x1b[201~b\x00", "field") == "a␛[201~b␀"


def test_a_text_that_is_too_long_is_refused_with_its_field() -> None:
    with pytest.raises(InvalidInput, match="200,001 characters") as refused:
        plain_text("x" * 200_001, "description", limit=200_000)
    assert refused.value.field == "description"


@pytest.mark.parametrize("value", [None, 3, b"x", ["x"]])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        plain_text(value, "field")


def test_nothing_is_no_text_where_one_is_required() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        plain_text(" \n", "field", required=True)


def test_a_list_is_bounded() -> None:
    with pytest.raises(InvalidInput, match="at most 100"):
        plain_texts(["x"] * 101, "field")
