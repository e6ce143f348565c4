"""The registry of events: whole, used, and the only events that are written."""

import ast
from pathlib import Path

import pytest

from hephaestus_core.contract.events import EventType
from hephaestus_core.events.reference import reference

ROOT = Path(__file__).parents[3]


def used() -> set[str]:
    """Return the types that core names anywhere but in the registry."""
    return {
        node.attr
        for path in (ROOT / "hephaestus_core").rglob("*.py")
        if path.relative_to(ROOT).as_posix() != "hephaestus_core/contract/events.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        if isinstance(node.value, ast.Name) and node.value.id == "EventType"
    }


def test_every_type_of_the_registry_is_emitted_somewhere() -> None:
    assert used() == {event.name for event in EventType}


@pytest.mark.parametrize("event", EventType)
def test_every_type_and_every_field_has_its_sentence(event: EventType) -> None:
    sentences = [event.sentence, *(field.sentence for field in event.fields)]
    assert all(s[0].isupper() or ":" in s for s in sentences)
    assert all(s.endswith(".") for s in sentences)
    names = [field.name for field in event.fields]
    assert len(names) == len(set(names))
    assert not {"workflow_id", "task_id", "agent_id"} & set(names)


def test_an_event_carries_the_fields_of_its_type_and_no_others() -> None:
    EventType.HOST_LOST.check({"host": "a", "attempts": 2})
    EventType.AGENT_WORK_SAVED.check({})
    EventType.AGENT_WORK_SAVED.check({"commit": None})
    for wrong in ({"host": "a"}, {"host": "a", "attempts": "2"}, {"host": None, "attempts": 2}):
        with pytest.raises(ValueError, match="host.lost"):
            EventType.HOST_LOST.check(wrong)
    with pytest.raises(ValueError, match="token.created: wrong .'secret'."):
        EventType.TOKEN_CREATED.check({"token_id": "x", "secret": "y"})


def test_the_reference_is_that_of_the_registry() -> None:
    assert (ROOT / "docs/events.md").read_text() == reference(), "run `make docs`"
