"""Lines about events, for terminals."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from hephaestus_core.contract import event_sentences
from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.views import Event, Task, Workflow
from hephaestus_sdk.cli.terminal import show_hanging
from hephaestus_sdk.errors import NotFound

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient

#: Characters of an id, and of a title, that a line shows.
_SHORT: Final = 8
_TITLE: Final = 40


class TitleOf(Protocol):
    """Knows things by their titles; ``""`` where none is known."""

    def task(self, task_id: str) -> str:
        """Return the title of a task."""
        ...

    def workflow(self, workflow_id: str) -> str:
        """Return the title of a workflow."""
        ...


class NoTitles:
    """Knows none."""

    def task(self, task_id: str) -> str:  # noqa: ARG002 - as any other
        """Return none."""
        return ""

    def workflow(self, workflow_id: str) -> str:  # noqa: ARG002 - as any other
        """Return none."""
        return ""


_NONE: Final = NoTitles()


def show_event(event: Event, titles: TitleOf = _NONE) -> None:
    """Print an event with its time; on a terminal in colour, and wrapped between words."""
    at = event.at.astimezone().strftime("%H:%M:%S") if event.at else "--:--:--"
    show_hanging(f"{at} ", sentence(event, titles), head_style="dim", style=_style(event))


def sentence(event: Event, titles: TitleOf = _NONE) -> str:
    """Return what an event says, as one line that no terminal obeys.

    Its task and its workflow are called by their titles, else by the beginnings of their ids.
    """
    task = _quoted(titles.task(event.task_id)) if event.task_id else ""
    workflow = _quoted(titles.workflow(event.workflow_id)) if event.workflow_id else ""
    task = task or f"task {(event.task_id or '?')[:_SHORT]}"
    said = event_sentences.sentence(event, task, workflow)
    if event.type != "question.asked":
        return said
    return f"{said} (hephaestus answer {str(event.data.get('question_id'))[:_SHORT]})"


def _quoted(title: str) -> str:
    return f"'{first_line(title, _TITLE)}'" if title else ""


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
    """Looks titles up, each once."""

    def __init__(self, client: "HephaestusClient") -> None:
        self._client = client
        self._tasks: dict[str, str] = {}
        self._workflows: dict[str, str] = {}

    def task(self, task_id: str) -> str:
        """Return the title of a task; ``""`` of one that is gone."""
        return _known(self._tasks, task_id, self._client.task)

    def workflow(self, workflow_id: str) -> str:
        """Return the title of a workflow; ``""`` of one that is gone."""
        return _known(self._workflows, workflow_id, self._client.workflow)


def _known(known: dict[str, str], asked: str, look: Callable[[str], Task | Workflow]) -> str:
    if asked not in known:
        try:
            known[asked] = look(asked).title
        except NotFound:
            known[asked] = ""
    return known[asked]
