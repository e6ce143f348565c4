"""Lines about events, for terminals."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hephaestus_core.contract import event_sentences
from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.views import Event
from hephaestus_sdk.cli.terminal import show_hanging
from hephaestus_sdk.errors import NotFound

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient

#: Characters of an id that a line shows.
_SHORT: Final = 8

#: Returns the title of a task by its id; ``""`` where none is known.
TitleOf = Callable[[str], str]


def show_event(event: Event, title_of: TitleOf = lambda _: "") -> None:
    """Print an event with its time; on a terminal in colour, and wrapped between words."""
    at = event.at.astimezone().strftime("%H:%M:%S") if event.at else "--:--:--"
    show_hanging(f"{at} ", sentence(event, title_of), head_style="dim", style=_style(event))


def sentence(event: Event, title_of: TitleOf = lambda _: "") -> str:
    """Return what an event says, as one line that no terminal obeys.

    ``title_of`` is asked for the title of the event's task, if there is one.
    """
    title = first_line(title_of(event.task_id), 40) if event.task_id else ""
    task = f"task {(event.task_id or '?')[:_SHORT]}" + (f" '{title}'" if title else "")
    said = event_sentences.sentence(event, task)
    if event.type != "question.asked":
        return said
    return f"{said} (hephaestus answer {str(event.data.get('question_id'))[:_SHORT]})"


_GOOD: Final = {"done", "accepted", "delivered", "completed", "merged"}
_BAD: Final = {"failed", "lost", "rejected"}
_NOTABLE: Final = {
    *("asked", "blocked", "cancelled", "conflicted", "expired", "held", "needs_work"),
    *("stopped", "suspected"),
}


def _style(event: Event) -> str:
    word = str(event.data.get("to") or event.type.partition(".")[2])
    if word in _GOOD:
        return "green"
    if word in _BAD:
        return "red"
    return "yellow" if word in _NOTABLE or "conflict" in word or "held" in word else ""


class Titles:
    """Looks titles of tasks up, each once."""

    def __init__(self, client: "HephaestusClient") -> None:
        self._client = client
        self._known: dict[str, str] = {}

    def __call__(self, task_id: str) -> str:
        """Return the title of a task; ``""`` of one that is gone."""
        if task_id not in self._known:
            try:
                task = self._client.task(task_id)
            except NotFound:
                return ""
            self._known[task_id] = task.title
        return self._known[task_id]
