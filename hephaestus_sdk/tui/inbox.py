"""What waits for the person at the terminal."""

from collections.abc import Iterable, Iterator
from typing import Final

from hephaestus_core.contract.signs import Sign
from hephaestus_sdk.api.attention_views import AttentionItem
from hephaestus_sdk.tui.fields import Fields
from hephaestus_sdk.tui.rows import Row

#: Openings that leave a narrow list no room for what an item is about.
_LONG: Final = (("Answer a question about ", "Answer "), ("Judge the work of ", "Judge "))


def rows(items: Iterable[AttentionItem]) -> Iterator[Row]:
    """Yield a row for each, in the order of the inbox."""
    for item in items:
        yield Row(
            key=item.id,
            sign=Sign(item.condition),
            title=_brief(item.title),
            state=item.kind.replace("_", " "),
            since=item.since,
            thing=item,
            workflow_id=item.workflow_id,
            task_id=item.task_id,
            agent_id=item.agent_id,
        )


def _brief(title: str) -> str:
    for opening, short in _LONG:
        title = title.replace(opening, short, 1) if title.startswith(opening) else title
    return title


def fields(item: AttentionItem) -> Fields:
    """Yield what the item says, and what can be done about it."""
    yield "", item.title
    yield "", item.evidence
    yield "since", item.since
    yield "goes on by itself", item.until
    yield "host", item.host
    for act in item.acts:
        yield "you can", act.name.replace("_", " ")
        for number, option in enumerate(act.options, start=1):
            yield f"  option {number}", option
