"""Beginnings of ids."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.errors import InvalidInput, NotFound
from hephaestus_core.contract.ids import LEAST, IdKind, id_span, nouns, whole_id


@given(st.uuids(), st.integers(LEAST, 32), st.booleans())
def test_an_id_lies_in_the_span_of_each_of_its_beginnings(
    identity: UUID, length: int, dashes: bool
) -> None:
    text = str(identity) if dashes else identity.hex
    low, high = id_span(f" {text[: length + 4 * dashes].upper()} ", [IdKind.TASK])
    assert low <= identity <= high


@given(st.uuids(), st.uuids())
def test_an_id_that_begins_otherwise_lies_outside(one: UUID, other: UUID) -> None:
    low, high = id_span(one.hex[:8], [IdKind.TASK])
    assert (low <= other <= high) == (one.hex[:8] == other.hex[:8])


@given(st.uuids())
def test_a_whole_id_is_known_in_each_of_its_forms(identity: UUID) -> None:
    for text in (str(identity), identity.hex, str(identity).upper()):
        assert whole_id(text) == str(identity)
    assert whole_id(str(identity)[:-1]) is None


@pytest.mark.parametrize("text", ["", "hello", "7cb4371g", "0" * 33, "../x", "١٢٣٤٥٦"])
def test_what_is_no_beginning_of_an_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound, match="No task or workflow has the id"):
        id_span(text, [IdKind.TASK, IdKind.WORKFLOW])
    assert whole_id(text) is None


def test_a_beginning_that_fits_too_much_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'7cb43' is too short .* at least 6 characters"):
        id_span("7cb43", [IdKind.TASK])


def test_kinds_in_words() -> None:
    assert nouns([IdKind.TASK, IdKind.AGENT, IdKind.MERGE]) == "task, agent or merge"
    assert nouns([IdKind.TASK]) == "task"
