from datetime import UTC, datetime
from uuid import uuid4

import pytest

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_web.requests.cursors import cursor_key, cursor_text


def test_a_cursor_comes_back_as_the_key_it_was_made_of() -> None:
    key = (datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), uuid4())
    assert cursor_key(cursor_text(key)) == key


def test_the_end_of_a_list_has_no_cursor() -> None:
    assert cursor_text(None) is None
    assert cursor_key(None) is None


@pytest.mark.parametrize("text", ["", "x", "🚢", "AAAA", "MjAyNi0wMS0wMXx4", "a" * 5000, "\x00"])
def test_a_foreign_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        cursor_key(text)
    assert caught.value.field == "cursor"
