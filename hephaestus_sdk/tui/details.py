"""The right side: output, diff and info of the chosen thing, read while the lists stay usable."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import RichLog, TabbedContent, TabPane

from hephaestus_core.contract.event_sentences import sentence
from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.attention_views import AttentionItem
from hephaestus_sdk.api.views import Task, Workflow
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import HephaestusError
from hephaestus_sdk.tui import agents, inbox, tasks, workflows
from hephaestus_sdk.tui.background import begin
from hephaestus_sdk.tui.fields import shown
from hephaestus_sdk.tui.output import Tail, patch, screen
from hephaestus_sdk.tui.rows import Row

PANES: Final = ("output", "diff", "info")
_FIRST: Final = "info"
#: Cells of the narrowest text, and of what stands beside it: a margin and a scroll bar.
_LEAST, _EDGES = 20, 3
#: Of the newest events of all workflows, those are looked through for the ones of one.
_EVENTS: Final = 2000


@dataclass(frozen=True)
class Wanted:
    """What is to be read: a pane of a thing."""

    row: Row
    pane: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same, however the thing has changed meanwhile."""
        return self.row.key, self.pane


class Details(Vertical):
    """Shows one pane of one thing at a time; never more than one reading is under way.

    Args:
        client: the API.
    """

    def __init__(self, client: HephaestusClient) -> None:
        super().__init__(id="details")
        self._pane = _FIRST
        self._client = client
        self._wanted: Wanted | None = None
        self._reading: tuple[str, str] | None = None
        self._shown: tuple[str, str] | None = None
        self._nothing = ""
        self._text = Text()
        self._tail: tuple[str, Tail] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        with TabbedContent(initial=_FIRST):
            for pane in PANES:
                with TabPane(pane, id=pane):
                    yield RichLog(id=f"{pane}-text", wrap=True, min_width=_LEAST, auto_scroll=False)

    def turn_to(self, pane: str) -> None:
        """Show another pane."""
        self.query_one(TabbedContent).active = pane

    def show(self, row: Row | None, nothing: str = "") -> None:
        """Show a thing; None: nothing is chosen, and ``nothing`` says what that means."""
        self._nothing = nothing
        if row is None:
            self._wanted = None
            self._put(self._pane, Text(nothing, style="dim"))
            return
        self._wanted = Wanted(row, self._pane)
        self._read()

    def refresh_text(self) -> None:
        """Read what is shown once more."""
        if self._wanted is not None:
            self.show(self._wanted.row, self._nothing)

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Read the other pane."""
        self._pane = event.pane.id or _FIRST
        # Where nothing is chosen, the other pane still has what was chosen before.
        self.show(self._wanted.row if self._wanted else None, self._nothing)

    def _read(self) -> None:
        if self._reading is not None or self._wanted is None:
            return
        wanted = self._wanted
        self._reading = wanted.key
        if self._shown != wanted.key:
            self._put(wanted.pane, Text("reading …", style="dim"))
            self._shown = None

        def read() -> None:
            text = _told(lambda: self._text_of(wanted))
            self.call_later(self._done, wanted, text)

        begin(read)

    def _done(self, wanted: Wanted, text: Text) -> None:
        self._reading = None
        if self._wanted is None:
            return
        if self._wanted.key == wanted.key:
            self._put(wanted.pane, text)
            self._shown = wanted.key
        else:
            self._read()

    def _put(self, pane: str, text: Text) -> None:
        log = next(iter(self.query(f"#{pane}-text").results(RichLog)), None)
        if log is None:
            return  # the interface opens or ends
        same = self._wanted is not None and self._shown == self._wanted.key
        if same and text == self._text:
            return
        at_end = log.is_vertical_scroll_end
        place = log.scroll_y
        log.clear()
        # By itself it would lay out a pane that was never shown for the least width.
        log.write(text, width=max(_LEAST, self.size.width - _EDGES))
        if pane == "output" and (at_end or not same):
            log.scroll_end(animate=False)
        elif same:
            log.scroll_to(y=place, animate=False)
        else:
            log.scroll_home(animate=False)
        self._text = text

    def _text_of(self, wanted: Wanted) -> Text:
        """Read a pane; on a thread of its own."""
        row = wanted.row
        if wanted.pane == "info":
            return _info(self._client, row)
        if wanted.pane == "diff":
            return _diff(self._client, row)
        agent_id = row.agent_id or _newest_agent(self._client, row)
        if agent_id is not None:
            if self._tail is None or self._tail[0] != agent_id:
                self._tail = agent_id, Tail(self._client, agent_id)
            return screen(self._tail[1].read()) or Text("No output yet.", style="dim")
        if row.workflow_id is not None:
            return _events(self._client, row.workflow_id)
        return Text("It has no output.", style="dim")


def _told(read: Callable[[], Text]) -> Text:
    try:
        return read()
    except HephaestusError as error:
        return Text(error.message, style="red")


def _newest_agent(client: HephaestusClient, row: Row) -> str | None:
    if row.task_id is None:
        return None
    attempts = client.task(row.task_id).attempts
    return attempts[-1].id if attempts else None


def _diff(client: HephaestusClient, row: Row) -> Text:
    if row.task_id is not None:
        return patch(client.task_diff(row.task_id))
    if row.workflow_id is not None:
        return patch(client.workflow_diff(row.workflow_id))
    return Text("It has no changes.", style="dim")


def _info(client: HephaestusClient, row: Row) -> Text:
    thing = row.thing
    if isinstance(thing, AttentionItem):
        return shown(inbox.fields(thing))
    if isinstance(thing, Workflow):
        return shown(workflows.fields(client.workflow(thing.id)))
    if isinstance(thing, Agent):
        return shown(agents.fields(client.agent(thing.id)))
    assert isinstance(thing, Task)
    return shown(tasks.fields(client.task(thing.id)))


def _events(client: HephaestusClient, workflow_id: str) -> Text:
    """Return the newest events of a workflow as sentences."""
    titles = {task.id: task.title for task in client.tasks(workflow_id=workflow_id, limit=200)}
    text = Text()
    after = max(0, client.events("latest").last_seq - _EVENTS)
    while (page := client.events(after, workflow_id=workflow_id)).items:
        after = page.last_seq
        for event in page.items:
            title = titles.get(event.task_id or "")
            text.append(f"{event.at.astimezone():%H:%M:%S} " if event.at else "", "dim")
            text.append(sentence(event, f"'{title}'" if title else "a task", "the workflow") + "\n")
    return text or Text("Nothing has happened of late.", style="dim")
