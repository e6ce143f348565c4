from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from hephaestus_core.agents.board import AgentRow
from hephaestus_core.contract.statuses import AgentStatus, TaskKind, TaskStatus
from hephaestus_core.guardian.observation import Label
from hephaestus_core.guardian.standing import ORDER, VERDICTS, standing
from hephaestus_web.pages.agent_address import Address, address_of
from hephaestus_web.pages.agent_filters import Board
from hephaestus_web.pages.agent_filters import board as board_at

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(number: int, **changes: Any) -> AgentRow:
    one = AgentRow(
        id=UUID(int=number),
        task_id=UUID(int=100 + number),
        task=f"Sail {number}",
        task_status=TaskStatus.IN_PROGRESS,
        kind=TaskKind.WORK,
        workflow_id=UUID(int=7),
        workflow="Boats",
        workflow_deleted=False,
        phase="build",
        attempt=1,
        host="anvil",
        program="scripted",
        model=None,
        status=AgentStatus.WORKING,
        started_at=NOW,
        ended_at=None,
        failure_class=None,
        failure_reason=None,
        fine_until=None,
        fine_by=None,
        looked_at=NOW,
        verdict=Label.WORKING,
        evidence=[],
        last_tool=None,
        last_line=None,
        silent_since=None,
        repeats=0,
        tokens=0,
        dollars=0.0,
        unpriced_tokens=0,
    )
    return replace(one, **changes)


def board(rows: list[AgentRow], given: dict[str, str], now: datetime) -> Board:
    return board_at(rows, address_of(MultiDict(given)), now)


ROWS = [
    row(1),
    row(2, verdict=Label.HUNG, silent_since=NOW - timedelta(minutes=11)),
    row(3, verdict=Label.LOOPING, host="bellows", last_tool="Bash: make"),
    row(4, host="bellows"),
]


def test_chips_count_what_the_other_filters_leave() -> None:
    shown = board(ROWS, {"host": "bellows"}, NOW)
    assert [each.agent.id.int for each in shown.rows] == [3, 4]
    assert [(c.label, c.count) for c in shown.chips["verdict"]] == [("looping", 1), ("working", 1)]
    hosts = [(c.label, c.count, c.on, c.address) for c in shown.chips["host"]]
    assert ("bellows", 2, True, "/agents") in hosts, "once more on it takes the filter away"
    assert ("anvil", 2, False, "/agents?host=anvil") in hosts
    assert shown.chips["program"] == [], "one value is no choice"
    assert shown.chips["verdict"][0].address == "/agents?host=bellows&verdict=looping"


def test_the_address_keeps_four_pins_and_whether_screens_show() -> None:
    ids = [UUID(int=number) for number in range(6)]
    given = [("pin", str(each)) for each in (ids[0], *ids)]
    address = address_of(MultiDict([*given, ("pin", "none"), ("screens", "hidden"), ("q", " a ")]))
    assert address == Address({"q": "a"}, tuple(ids[:4]), has_screens=False)
    assert not address.takes_pins
    fewer = address.without_pin(ids[1])
    assert fewer.takes_pins
    assert str(fewer) == "/agents?q=a&screens=hidden&" + "&".join(
        f"pin={ids[number]}" for number in (0, 2, 3)
    )
    assert address_of(MultiDict(fewer.pairs)) == fewer
    assert str(Address({})) == "/agents"


def test_ended_agents_are_filtered_by_the_same_address() -> None:
    address = address_of(MultiDict({"live": "no", "host": "anvil", "pin": str(UUID(int=1))}))
    assert address == Address({"host": "anvil"}, is_of_ended=True), "nothing is pinned there"
    assert str(address) == "/agents?live=no&host=anvil"
    assert str(address.without_filters()) == "/agents?live=no"
    ended = [
        row(1, status=AgentStatus.FINISHED, workflow_id=UUID(int=1), workflow="Rafts"),
        row(2, status=AgentStatus.LOST, failure_reason="The host is gone."),
        row(3, status=AgentStatus.FINISHED, workflow_id=UUID(int=3), workflow_deleted=True),
    ]
    chips = board_at(ended, address_of(MultiDict({"live": "no"})), NOW).chips
    assert [chip.address for chip in chips["workflow"]] == [
        f"/agents?live=no&workflow={UUID(int=number)}" for number in (1, 7)
    ], "no chip leads to a workflow that is deleted"
    assert [(c.label, c.count) for c in chips["verdict"]] == [("finished", 2), ("lost", 1)]
    found = board_at(ended, address_of(MultiDict({"live": "no", "q": "HOST IS"})), NOW)
    assert [each.agent.id.int for each in found.rows] == [2], "the reason is looked at too"


def test_the_tiles_keep_those_of_other_verdicts_in_their_places() -> None:
    shown = board(ROWS, {"verdict": "stuck"}, NOW)
    assert [each.agent.id.int for each in shown.rows] == [2]
    assert shown.rows[0].silent == 660
    assert [(each.agent.id.int, each.filtered) for each in shown.tiles] == [
        (1, True),
        (2, False),
        (3, True),
        (4, True),
    ]


def test_a_text_is_looked_for_in_what_rows_show() -> None:
    assert [each.agent.id.int for each in board(ROWS, {"q": " MAKE "}, NOW).rows] == [3]
    assert board(ROWS, {"q": "<nothing>"}, NOW).rows == []


def test_a_filter_that_fits_nothing_can_be_taken_away() -> None:
    shown = board(ROWS, {"verdict": "asks"}, NOW)
    assert shown.rows == []
    assert next((c.label, c.count, c.on) for c in shown.chips["verdict"]) == ("asks", 0, True)


def test_every_verdict_has_its_word_and_its_place() -> None:
    assert set(VERDICTS) == set(Label)
    assert set(VERDICTS.values()) <= set(ORDER)


def test_the_status_and_a_person_s_word_count_before_the_verdict() -> None:
    stuck = row(1, verdict=Label.HUNG)
    assert standing(stuck, NOW).word == "stuck"
    assert standing(replace(stuck, status=AgentStatus.STOPPING), NOW).word == "stopping"
    fine = replace(stuck, fine_until=NOW + timedelta(minutes=1))
    assert standing(fine, NOW).word == "called fine"
    assert standing(fine, NOW + timedelta(minutes=2)).word == "stuck"
    assert standing(replace(stuck, verdict=None, status=AgentStatus.IDLE), NOW).word == "idle"
    ended = replace(stuck, status=AgentStatus.FINISHED)
    assert standing(ended, NOW).word == "finished"
    assert standing(replace(ended, failure_class="permanent"), NOW).word == "failed"
