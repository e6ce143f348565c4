"""The terminal interface: lists on the left, output, diff and info on the right."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher, Footer, Input, Static, Tab, Tabs

from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.attention_views import AttentionItem
from hephaestus_sdk.api.views import Workflow
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import HephaestusError
from hephaestus_sdk.tui import attaching, deeds
from hephaestus_sdk.tui.background import begin
from hephaestus_sdk.tui.details import PANES, Details
from hephaestus_sdk.tui.dialogs import Ask, Choose, Confirm, Keys
from hephaestus_sdk.tui.follower import Follower
from hephaestus_sdk.tui.launch import LaunchForm
from hephaestus_sdk.tui.listing import Listing
from hephaestus_sdk.tui.snapshot import Snapshot
from hephaestus_sdk.tui.splash import Splash

NOUNS: Final = {
    "inbox": "For you",
    "workflows": "Workflows",
    "tasks": "Tasks",
    "agents": "Agents",
    "queue": "Queue",
}
#: Seconds after which an overdue answer is told.
_LATE: Final = 2.0
#: Seconds between two readings of what the right side shows, and between two looks at the clock.
_READ, _CLOCK = 1.0, 10.0

_KEYS: Final = (
    ("1 … 5", "for you, workflows, tasks, agents, queue"),
    ("Enter", "join the agent's terminal (Ctrl-B D leaves it)"),
    ("", "in the first list: all acts"),
    ("o d i", "output, diff, info of the chosen thing"),
    ("Tab", "to the other side, to scroll there"),
    ("a", "approve, pass or answer"),
    ("m", "message to the agent, or to all of the workflow"),
    ("x", "stop or cancel; asks first"),
    ("r", "restart an ended task"),
    ("b", "bump: start a queued task at once"),
    ("n", "launch a workflow"),
    ("/", "filter the list; Esc shows all again"),
    ("q", "leave; work goes on"),
)


class ForgeApp(App[None]):
    """The interface of one stack.

    Args:
        client: the API of the stack; stays open when the interface ends.
        home: of the stack, if it runs on this machine: its terminals can be joined.
    """

    TITLE = "Hephaestus"
    CSS = """
    #strip, #status { height: 1; padding: 0 1; }
    #strip { text-style: bold; }
    #status { color: $warning; display: none; }
    #left { width: 48%; border-right: solid $panel; }
    #lists, Listing, TabbedContent { height: 1fr; }
    Listing { background: $background; scrollbar-size-vertical: 1; }
    #details { width: 1fr; }
    #details TabPane { padding: 0 0 0 1; }
    RichLog { background: $background; scrollbar-size-vertical: 1; }
    #filter { display: none; height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"list('{noun}')", name, show=False)
            for number, (noun, name) in enumerate(NOUNS.items(), start=1)
        ),
        Binding("o", "pane('output')", "Output", show=False),
        Binding("d", "pane('diff')", "Diff", show=False),
        Binding("i", "pane('info')", "Info", show=False),
        Binding("q", "quit", "Quit"),
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("m", "act('message')", "Message"),
        Binding("x", "act('stop')", "Stop"),
        Binding("a", "act('approve')", "Approve"),
        Binding("r", "act('restart')", "Restart"),
        Binding("b", "act('bump')", "Bump"),
        Binding("n", "launch", "Launch"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("escape", "all", "All", show=False),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, client: HephaestusClient, home: Path | None = None) -> None:
        super().__init__()
        self._client = client
        self._home = home
        self._snapshot = Snapshot()
        self._seen_at: datetime | None = None
        self._trouble = ""
        self._splash: Splash | None = Splash(client.url)
        self._follower = Follower(
            client,
            lambda snapshot: self._from_thread(self._show, snapshot),
            lambda message: self._from_thread(self._fail, message),
        )

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="strip", markup=False)
        yield Tabs(
            *(Tab(f"{n} {name}", id=f"tab-{noun}") for n, (noun, name) in _numbered()), id="nouns"
        )
        with Horizontal():
            with Vertical(id="left"):
                with ContentSwitcher(id="lists", initial="inbox"):
                    for noun in NOUNS:
                        yield Listing(noun)
                yield Input(placeholder="filter", id="filter")
            yield Details(self._client)
        yield Static(id="status", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Light the forge, and start to follow."""
        assert self._splash is not None
        self.push_screen(self._splash, self._opened)
        self.set_interval(_READ, self._tick)
        self.set_interval(_CLOCK, self._pass_time)
        self._follower.start()

    def on_unmount(self) -> None:
        """Stop following."""
        self._follower.end()

    @property
    def listing(self) -> Listing:
        """The list that is shown."""
        noun = self.screen_stack[0].query_one("#lists", ContentSwitcher).current or "inbox"
        return self.screen_stack[0].query_one(f"#{noun}", Listing)

    # Where one looks

    def action_list(self, noun: str) -> None:
        """Show one of the lists."""
        self.query_one("#nouns", Tabs).active = f"tab-{noun}"

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        """Show the list of the tab."""
        if event.tabs.id != "nouns" or event.tab.id is None:
            return
        self.query_one("#lists", ContentSwitcher).current = event.tab.id.removeprefix("tab-")
        if not isinstance(self.focused, Input):
            self.listing.focus()
        self._details.show(self.listing.chosen, self.listing.nothing)

    def action_pane(self, pane: str) -> None:
        """Show output, diff or info."""
        if pane in PANES:
            self._details.turn_to(pane)

    def on_listing_changed(self) -> None:
        """Show what is under the cursor."""
        if self._is_open:
            self._details.show(self.listing.chosen, self.listing.nothing)

    def action_filter(self) -> None:
        """Ask for a text; only rows with it are shown."""
        field = self.query_one("#filter", Input)
        field.display = True  # at once: only then it can have the focus
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        if event.input.id == "filter":
            self.listing.narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on in the narrowed list."""
        if event.input.id == "filter":
            self.listing.focus()

    def action_all(self) -> None:
        """Show all rows again."""
        field = self.query_one("#filter", Input)
        field.value = ""
        field.display = False
        for listing in self.query(Listing):
            listing.narrow("")
        self.listing.focus()

    def action_keys(self) -> None:
        """List the keys."""
        self.push_screen(Keys(_KEYS))

    # Acts

    def action_act(self, name: str) -> None:
        """Do to the chosen thing what a key says."""
        row = self.listing.chosen
        if row is None:
            self.notify("nothing is chosen", severity="warning")
            return
        decision: deeds.Decision = getattr(deeds, name)(row)
        if isinstance(decision, deeds.CannotBe):
            self.notify(decision.reason, severity="warning", markup=False)
        else:
            self._ask(decision)

    def on_data_table_row_selected(self) -> None:
        """Join the terminal of an agent; of the inbox, list the acts."""
        row = self.listing.chosen
        if row is None:
            return
        if isinstance(row.thing, AttentionItem):
            self._choose_act(row.thing, row)
        else:
            begin(partial(self._enter, row.agent_id))

    def action_launch(self) -> None:
        """Choose a definition, fill its form, and launch."""

        def read() -> None:
            try:
                found = self._client.definitions(offered_only=True)
            except HephaestusError as error:
                self._from_thread(self._refuse, error)
            else:
                self._from_thread(self._choose_definition, found)

        begin(read)

    def _ask(self, deed: deeds.Deed) -> None:
        """Ask what the deed needs, and do it."""
        if deed.confirm:

            def confirmed(yes: bool | None) -> None:
                if yes:
                    self._ask(deeds.Deed(deed.call, ask=deed.ask))

            self.push_screen(Confirm(deed.confirm), confirmed)
        elif deed.ask:

            def answered(text: str | None) -> None:
                if text is not None:
                    self._do(deed, text)

            self.push_screen(Ask(deed.ask), answered)
        else:
            self._do(deed, "")

    def _do(self, deed: deeds.Deed, text: str) -> None:
        def call() -> None:
            try:
                done = deed.call(self._client, text)
            except HephaestusError as error:
                self._from_thread(self._refuse, error)
            else:
                self._from_thread(partial(self.notify, first_line(done, 200), markup=False))

        begin(call)

    def _choose_act(self, item: AttentionItem, row: Any) -> None:
        names = [act.name for act in item.acts]

        def chosen(number: int | None) -> None:
            if number is not None:
                self._ask(deeds.offer(item, row, names[number]))

        words = [name.replace("_", " ") for name in names]
        self.push_screen(Choose(f"{item.title}\n{item.evidence}", words), chosen)

    def _choose_definition(self, found: list[Any]) -> None:
        def chosen(number: int | None) -> None:
            if number is not None:
                newest = self._snapshot.workflows[:1]
                repository = newest[0].repository if newest else ""
                self.push_screen(LaunchForm(self._client, found[number], repository), launched)

        def launched(workflow: Workflow | None) -> None:
            if workflow is not None:
                self.action_list("workflows")
                self.notify(f"'{first_line(workflow.title, 60)}' is started", markup=False)

        if found:
            names = [": ".join(filter(None, (each.name, each.description))) for each in found]
            self.push_screen(Choose("Launch a workflow", names), chosen)
        else:
            self.notify("no workflow is registered; `hephaestus register` does it")

    def _enter(self, agent_id: str | None) -> None:
        try:
            argv = attaching.command(self._client, self._home, agent_id)
        except HephaestusError as error:
            self._from_thread(self._refuse, error)
        else:
            self._from_thread(self._join, argv)

    def _join(self, argv: list[str]) -> None:
        with self.suspend():
            attaching.join(argv)
        self.refresh()

    # What comes from the server

    def _from_thread(self, call: Callable[..., Any], *values: Any) -> None:
        """Queue a call for the interface's thread; it may be ending, so this does not wait."""
        self.call_later(call, *values)

    def _opened(self, _: None) -> None:
        self._splash = None
        self.listing.focus()

    @property
    def _is_open(self) -> bool:
        """Whether all widgets are there; what comes while the interface ends has none to go to."""
        wanted = len(NOUNS) + len(PANES) + len(("strip", "status"))
        return (
            bool(self.screen_stack)
            and len(self.screen_stack[0].query("#strip, #status, Listing, RichLog")) == wanted
        )

    def _show(self, snapshot: Snapshot) -> None:
        if not self._is_open:
            return
        self._snapshot, self._trouble = snapshot, ""
        self._seen_at = datetime.now().astimezone()
        if self._splash is not None:
            self._splash.ready()
        screen = self.screen_stack[0]
        screen.query_one("#strip", Static).update(snapshot.inbox.counts.words)
        for number, (noun, name) in _numbered():
            screen.query_one(f"#{noun}", Listing).show(snapshot.rows(noun))
            count = snapshot.count(noun)
            tab = screen.query_one(f"#tab-{noun}", Tab)
            tab.label = f"{number} {name} {count}" if count else f"{number} {name}"
        self._details.show(self.listing.chosen, self.listing.nothing)
        self._say()

    def _fail(self, message: str) -> None:
        self._trouble = message
        if self._is_open:
            self._say()

    def _refuse(self, error: HephaestusError) -> None:
        self.notify(first_line(error.message, 300), severity="error", markup=False)

    def _pass_time(self) -> None:
        if self._is_open:
            self.listing.fill()

    def _tick(self) -> None:
        if self._is_open:
            self._say()
            self._details.refresh_text()

    def _say(self) -> None:
        """Tell in a line that the server is slow or away, and of when the lists are."""
        late = self._follower.late
        trouble = self._trouble or (f"no answer for {late:.0f} s" if late > _LATE else "")
        shown = f"what you see is of {self._seen_at:%H:%M:%S}" if self._seen_at else ""
        text = "; ".join(filter(None, (shown, first_line(trouble, 200)))) if trouble else ""
        status = self.screen_stack[0].query_one("#status", Static)
        status.update(Text(f"▲ {text}" if text else ""))
        status.display = bool(text)
        if self._splash is not None and trouble:
            self._splash.say(first_line(trouble, 100))

    @property
    def _details(self) -> Details:
        return self.screen_stack[0].query_one(Details)


def run(client: HephaestusClient, home: Path | None = None) -> None:
    """Show the stack until the user leaves."""
    ForgeApp(client, home).run()


def _numbered() -> enumerate[tuple[str, str]]:
    return enumerate(NOUNS.items(), start=1)
