"""Pure rules: what a channel is told, when a message is tried again, and its form."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hephaestus_core.attention.views import AttentionView
from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.attention import Severity
from hephaestus_core.notifications.views import Outcome

#: Tries of one message; with the pauses between them they last for about 90 minutes.
MOST_TRIES: Final = 12
#: Items that a message holds in full; it says how many there are beside.
MOST_ITEMS: Final = 50

_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 900.0
#: Longest pause that a receiver may ask for.
_LONGEST_ASKED: Final = 3600.0
_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}


def told(items: Iterable[AttentionView], least: str) -> list[AttentionView]:
    """Return the items that a channel of this least severity is told."""
    return [item for item in items if _RANKS[item.severity] <= _RANKS[Severity(least)]]


def pause_after(outcome: Outcome, tries: int, *, sample: bool, chance: float) -> float | None:
    """Return the seconds until the next try; None: there is none.

    Args:
        outcome: of a try that failed.
        tries: those that have failed.
        sample: a trial, which is tried once.
        chance: from 0 to 1; it spreads the tries.
    """
    if sample or not outcome.again or tries >= MOST_TRIES:
        return None
    pause = min(_FIRST_PAUSE * 2.0 ** (tries - 1), _LONGEST_PAUSE)
    asked = min(outcome.retry_after or 0.0, _LONGEST_ASKED)
    return max(pause, asked) * (1 + chance / 2)


def items_body(items: Sequence[AttentionView], *, at: str, base_url: str) -> dict[str, Any]:
    """Return the body of a message about items; links are whole URLs."""
    shown = [_item(item, base_url) for item in items[:MOST_ITEMS]]
    return {
        "type": "attention.items",
        "timestamp": at,
        "data": {"items": shown, "count": len(items), "more": len(items) - len(shown)},
    }


def sample_body(by: str, *, at: str) -> dict[str, Any]:
    """Return the body of a trial that a person asked for."""
    return {
        "type": "notification.test",
        "timestamp": at,
        "data": {"items": [], "count": 0, "more": 0, "by": by},
    }


def _item(item: AttentionView, base_url: str) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "kind": str(item.kind),
        "condition": str(item.condition),
        "severity": str(item.severity),
        "since": rfc3339(item.since),
        "title": item.title,
        "evidence": item.evidence,
        "workflow_id": _text(item.workflow_id),
        "task_id": _text(item.task_id),
        "agent_id": _text(item.agent_id),
        "host": item.host,
        "link": base_url.rstrip("/") + item.link,
        "acts": [{"name": str(act.name), "command": act.command} for act in item.acts],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def in_words(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text of a message for people.

    Agents have written parts of it: nothing in it calls a whole group of people, or is a link of
    another form than it looks.
    """
    data = body["data"]
    if body["type"] == "notification.test":
        return "Hephaestus: a test", f"{_plain(data['by'])} has asked for this message."
    lines = []
    for item in data["items"]:
        lines += [
            f"• {_plain(item['title'])}",
            f"  {_plain(item['evidence'])}",
            f"  {item['link']}",
        ]
    if data["more"]:
        lines.append(f"… and {data['more']} more: hephaestus inbox")
    count = data["count"]
    what = "thing needs" if count == 1 else "things need"
    return f"Hephaestus: {count} {what} attention", "\n".join(lines)


def _plain(text: str) -> str:
    return text.replace("@", "@\u200b").replace("<", "‹").replace(">", "›").replace("](", "] (")
