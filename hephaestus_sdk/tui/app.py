"""The terminal interface: workflows, tasks, agents and events as they happen."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Label, RichLog, Static
from textual.widgets.data_table import RowDoesNotExist

from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.views import Event, Task
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import HephaestusError
from hephaestus_sdk.tui.follower import Follower
from hephaestus_sdk.tui.forge import forge
from hephaestus_sdk.tui.snapshot import Snapshot

_COLUMNS = {
    "workflows": ("workflow", "title", "condition", "done"),
    "tasks": ("task", "phase", "status", "priority", "title"),
    "agents": ("agent", "status", "task", "host", "program"),
}

Row = tuple[str, Sequence[object]]


class Question(ModalScreen[bool]):
    """Asks for confirmation of an act that cannot be undone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "answer(True)", "Yes"),
        ("n,escape", "answer(False)", "No"),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        yield Label(Text(f"{self._text}  (y/n)"), id="question")

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)


class ForgeApp(App[None]):
    """The interface of one stack. It can cancel, restart and bump the task under the cursor.

    Args:
        client: the API of the stack; stays open when the interface ends.
    """

    TITLE = "Hephaestus"
    CSS = """
    #forge { height: 6; color: $warning; padding: 0 1; }
    #left { width: 45%; }
    DataTable { height: 1fr; border: round $panel; }
    RichLog { height: 10; border: round $panel; }
    Question { align: center middle; }
    .low #forge { display: none; }
    .low RichLog { height: 5; }
    #question { padding: 1 3; border: round $warning; background: $surface; }
    """
    #: Least rows of the terminal for the fire and a long log.
    VERTICAL_BREAKPOINTS = [(0, "low"), (30, "high")]  # noqa: RUF012 - declared so by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit", "Quit"),
        ("c", "cancel_task", "Cancel task"),
        ("r", "restart_task", "Restart task"),
        ("b", "bump_task", "Bump task"),
        ("a", "toggle_fire", "Fire on/off"),
    ]

    def __init__(self, client: HephaestusClient) -> None:
        super().__init__()
        self._client = client
        self._snapshot = Snapshot()
        self._frame = 0
        self._burning = True
        self._trouble = ""
        self._follower = Follower(
            client,
            lambda snapshot, events: self._from_thread(lambda: self._show(snapshot, events)),
            lambda message: self._from_thread(lambda: self._tell(message)),
        )

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="forge", markup=False)
        with Horizontal():
            with Vertical(id="left"):
                yield _table("workflows")
                yield _table("agents")
            yield _table("tasks")
        yield RichLog(id="events", wrap=False, max_lines=1000)
        yield Footer()

    def on_mount(self) -> None:
        """Start the animation and the follower."""
        for name, columns in _COLUMNS.items():
            self._find(name).add_columns(*columns)
        self.set_interval(0.25, self._burn)
        self._find("tasks").focus()
        self._follower.start()

    def on_unmount(self) -> None:
        """Stop following."""
        self._follower.end()

    def action_toggle_fire(self) -> None:
        """Run or pause the animation."""
        self._burning = not self._burning

    def action_bump_task(self) -> None:
        """Start the task under the cursor at once."""
        self._act("bumped", self._client.bump_task)

    def action_restart_task(self) -> None:
        """Queue the task under the cursor again."""
        self._act("restarted", self._client.restart_task)

    def action_cancel_task(self) -> None:
        """Cancel the task under the cursor, after asking."""
        task = self._chosen()
        if task is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._do("cancelled", task.id, self._client.cancel_task)

        self.push_screen(Question(f"Cancel {first_line(task.title, 50)!r}?"), answered)

    def _act(self, done: str, action: Callable[[str], Task]) -> None:
        task = self._chosen()
        if task is not None:
            self._do(done, task.id, action)

    def _do(self, done: str, task_id: str, action: Callable[[str], Task]) -> None:
        def call() -> None:
            try:
                action(task_id)
            except HephaestusError as error:
                message = error.message
                self._from_thread(lambda: self.notify(message, severity="error", markup=False))
            else:
                self._from_thread(lambda: self.notify(f"{task_id[:8]} {done}", markup=False))

        self.run_worker(call, thread=True)

    def _chosen(self) -> Task | None:
        """Return the task under the cursor; without one, say so."""
        row = self._find("tasks").cursor_row
        if 0 <= row < len(self._snapshot.tasks):
            return self._snapshot.tasks[row]
        self.notify("no task is chosen; move the cursor to one", severity="warning")
        return None

    def _from_thread(self, call: Callable[[], None]) -> None:
        """Queue a call for the interface's thread; it may be ending, so this does not wait."""
        self.call_later(call)

    def _show(self, snapshot: Snapshot, events: list[Event]) -> None:
        self._snapshot, self._trouble = snapshot, ""
        for name, rows in _rows(snapshot).items():
            _fill(self._find(name), rows)
        log = self.query_one(RichLog)
        for event in events:
            log.write(Text(_line(event)))
        self._burn()

    def _tell(self, message: str) -> None:
        self._trouble = first_line(message, 60)
        self._burn()

    def _burn(self) -> None:
        self._frame += self._burning
        picture = forge(
            self._frame,
            workflows=sum(item.condition.name == "at_work" for item in self._snapshot.workflows),
            tasks=sum(not item.finished for item in self._snapshot.tasks),
            agents=len(self._snapshot.agents),
            events=self._trouble,
        )
        for log in self.query(RichLog):
            log.border_title = self._trouble or "events"
        # no widgets while the screen opens or closes
        for place in self.query("#forge").results(Static):
            place.update(picture)

    def _find(self, name: str) -> DataTable[Text]:
        table: DataTable[Text] = self.query_one(f"#{name}", DataTable)
        return table


def run(client: HephaestusClient) -> None:
    """Show the stack until the user leaves."""
    ForgeApp(client).run()


def _table(name: str) -> DataTable[Text]:
    table: DataTable[Text] = DataTable(id=name, cursor_type="row", zebra_stripes=True)
    table.border_title = name
    return table


def _rows(snapshot: Snapshot) -> dict[str, list[Row]]:
    return {
        "workflows": [
            (
                w.id,
                (
                    w.id[:8],
                    w.title,
                    w.condition.words,
                    f"{w.done_tasks}/{w.total_tasks}",
                ),
            )
            for w in snapshot.workflows
        ],
        "tasks": [
            (t.id, (t.id[:8], t.place, t.status, t.priority, t.title)) for t in snapshot.tasks
        ],
        "agents": [
            (a.id, (a.id[:8], a.status, a.task_id[:8], a.host, a.program)) for a in snapshot.agents
        ],
    }


def _fill(table: DataTable[Text], rows: Iterable[Row]) -> None:
    """Replace the rows of a table; the cursor stays on its row."""
    keys = list(table.rows)
    chosen = keys[table.cursor_row] if 0 <= table.cursor_row < len(keys) else None
    table.clear()
    for key, cells in rows:
        table.add_row(*(Text(first_line(str(cell))) for cell in cells), key=key)
    if chosen is None:
        return
    try:
        table.move_cursor(row=table.get_row_index(chosen))
    except RowDoesNotExist:
        return


def _line(event: Event) -> str:
    at = event.at.astimezone().strftime("%H:%M:%S") if event.at else ""
    about = event.task_id or event.agent_id or event.workflow_id or ""
    return f"{event.seq:>6} {at} {event.type} {about[:8]}"
