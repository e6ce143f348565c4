"""What the terminal interface shows and does, without a terminal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hephaestus_core.contract.attention import Act
from hephaestus_core.contract.signs import Sign
from hephaestus_sdk.api.agent_views import Agent, Watch
from hephaestus_sdk.api.attention_views import AttentionItem, PossibleAct
from hephaestus_sdk.api.change_views import Diff
from hephaestus_sdk.api.views import Condition, Task, Workflow
from hephaestus_sdk.tui import agents, deeds, inbox, tasks, workflows
from hephaestus_sdk.tui.fields import shown
from hephaestus_sdk.tui.output import patch, screen
from hephaestus_sdk.tui.rows import Row, age

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TASK = Task(id="t", title="Paint the boat", status="queued", agent_id=None)
AGENT = Agent(id="a", task_id="t", task_title="Paint the boat", status="working")
WORKFLOW = Workflow(id="w", title="The boat", condition=Condition(name="waits_for_you"))
ASKED = AttentionItem(
    id="i",
    condition="waits_for_you",
    title="Answer a question",
    evidence="Red?",
    acts=(PossibleAct(name="answer", target="q", options=("red",)), PossibleAct(name="snooze")),
)


def row_of(thing: Task | Agent | Workflow | AttentionItem) -> Row:
    if isinstance(thing, Task):
        return next(tasks.rows([thing]))
    if isinstance(thing, Agent):
        return next(agents.rows([thing]))
    if isinstance(thing, Workflow):
        return next(workflows.rows([thing]))
    return next(inbox.rows([thing]))


@pytest.mark.parametrize(
    ("passed", "told"),
    [(-5, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (900_000, "10d")],
)
def test_an_age_has_one_unit(passed: int, told: str) -> None:
    assert age(NOW - timedelta(seconds=passed), NOW) == told


def test_an_age_that_nobody_knows_is_empty() -> None:
    assert age(None, NOW) == ""


def test_a_row_says_how_its_thing_stands() -> None:
    hung = Agent(id="a", status="working", watch=Watch(verdict="hung", silent_since=NOW))
    row = row_of(hung)
    assert (row.sign, row.state, row.since) == (Sign.STANDS_STILL, "hung", NOW)
    assert row_of(TASK).sign == Sign.WAITS_ITS_TURN
    assert row_of(WORKFLOW).sign == Sign.WAITS_FOR_YOU
    assert row_of(ASKED).has("QUESTION")


def test_a_narrow_row_has_room_for_what_a_question_is_about() -> None:
    asked = replace(ASKED, title="Answer a question about “The boat”")
    assert row_of(asked).title == "Answer “The boat”"


@pytest.mark.parametrize("raw", ["a\x1b]0;title\x07b\x1b[2Jc", "\x9b2Ja\x00b\x08c", "\x1bPabc\x1b"])
def test_no_output_can_command_the_terminal(raw: str) -> None:
    text = screen(raw).plain
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in text), text


def test_output_keeps_its_colours() -> None:
    text = screen("\x1b[31mred\x1b[0m plain\r\nold\rnew")
    assert text.plain == "red plain\nnew"
    assert str(text.spans[0].style) == "color(1)"


def test_a_patch_is_coloured_and_says_when_it_is_cut_off() -> None:
    diff = Diff(
        commit="c", files=1, insertions=1, deletions=1, patch="-a\n+b\x1b\n", truncated=True
    )
    text = patch(diff)
    assert text.plain == "1 files, +1 −1\n\n-a\n+b␛\n… cut off: `hephaestus diff` has more"
    assert patch(Diff()).plain == "No work was saved yet."


def test_fields_leave_out_what_is_empty() -> None:
    assert shown(tasks.fields(TASK)).plain.startswith("Paint the boat\n○ waits its turn: queued\n")
    assert "because" not in shown(tasks.fields(TASK)).plain
    assert "option 1: red" in shown(inbox.fields(ASKED)).plain
    assert "◆ waits for you" in shown(workflows.fields(WORKFLOW)).plain
    assert "● at work: working" in shown(agents.fields(AGENT)).plain


def test_what_cannot_be_undone_is_asked_first() -> None:
    for thing in (TASK, AGENT, WORKFLOW):
        found = deeds.stop(row_of(thing))
        assert isinstance(found, deeds.Deed)
        assert found.confirm
    approval = deeds.approve(row_of(WORKFLOW))
    assert isinstance(approval, deeds.Deed)
    assert approval.confirm
    for harmless in (deeds.restart(row_of(TASK)), deeds.bump(row_of(TASK))):
        assert isinstance(harmless, deeds.Deed)
        assert not harmless.confirm


def test_of_the_inbox_only_what_is_offered_can_be_done() -> None:
    answer = deeds.approve(row_of(ASKED))
    assert isinstance(answer, deeds.Deed)
    assert "1: red" in answer.ask
    refused = deeds.restart(row_of(ASKED))
    assert refused == deeds.CannotBe("it offers: answer, snooze; Enter lists it")
    assert not deeds.offer(ASKED, row_of(ASKED), Act.SNOOZE).ask


def test_a_message_needs_an_agent() -> None:
    assert isinstance(deeds.message(row_of(AGENT)), deeds.Deed)
    assert isinstance(deeds.message(row_of(WORKFLOW)), deeds.Deed)
    assert isinstance(deeds.message(row_of(TASK)), deeds.CannotBe)
    assert isinstance(deeds.bump(row_of(AGENT)), deeds.CannotBe)
