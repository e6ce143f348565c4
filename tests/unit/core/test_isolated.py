import logging

import pytest
from sqlalchemy.exc import OperationalError

from hephaestus_core.contract.errors import Conflict
from hephaestus_core.db.isolated import for_each


def test_a_fault_in_one_leaves_the_others_their_turn_and_is_returned_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[int] = []

    def act(number: int) -> None:
        if number == 1:
            raise KeyError(number)
        if number == 2:
            raise Conflict("Two is taken.")
        done.append(number)

    with caplog.at_level(logging.WARNING):
        faults = for_each(act, range(5), work="numbers")

    assert done == [0, 3, 4]
    assert [type(fault) for fault in faults] == [KeyError, Conflict]
    assert "one_failed work=numbers" in caplog.text
    assert "one_put_off work=numbers reason=Two is taken." in caplog.text


def test_a_database_that_is_away_is_not_asked_for_the_next_one() -> None:
    asked: list[int] = []

    def act(number: int) -> None:
        asked.append(number)
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    with pytest.raises(OperationalError):
        for_each(act, range(5), work="numbers")

    assert asked == [0]
