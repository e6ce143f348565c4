"""The terminal interface on the real API, driven by keys."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Label, RichLog, Static, TabbedContent, TextArea

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.questions.asking import ask
from hephaestus_sdk import HephaestusSDK, Phase
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import Conflict
from hephaestus_sdk.models import LaunchParameter, LaunchTemplate, WorkflowDefinition
from hephaestus_sdk.tui import attaching
from hephaestus_sdk.tui.app import NOUNS, ForgeApp
from hephaestus_sdk.tui.dialogs import Ask, Choose, Confirm, Keys
from hephaestus_sdk.tui.launch import LaunchForm
from hephaestus_sdk.tui.listing import Listing
from hephaestus_sdk.tui.splash import Splash
from tests.integration.sdk.conftest import Players
from tests.web_server import WebServer

FORM = WorkflowDefinition(
    id="a-form",
    name="A form",
    phases=[Phase(id=1, name="fix", description="Fix it")],
    launch_template=LaunchTemplate(
        parameters=[
            LaunchParameter(name="bug", label="Bug"),
            LaunchParameter(
                name="how_bad", type="dropdown", options=["bad", "worse"], default="bad"
            ),
            LaunchParameter(name="sure", type="boolean", required=False),
            LaunchParameter(name="more", type="textarea", required=False, default="(nothing)"),
        ],
        phase_1_task_prompt="Fix {bug}, which is {how_bad}",
    ),
)
SMALL, LARGE = (80, 24), (140, 45)

Use = Callable[[ForgeApp, Pilot[None]], Awaitable[None]]


async def until(pilot: Pilot[None], condition: Callable[[], object], *, what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        await pilot.pause(0.01)


def rows(app: ForgeApp, noun: str) -> list[list[str]]:
    table = app.screen_stack[0].query_one(f"#{noun}", Listing)
    return [[str(cell) for cell in table.get_row(key)] for key in table.rows]


def right(app: ForgeApp, pane: str) -> str:
    """Return what a pane on the right shows."""
    log = app.screen_stack[0].query_one(f"#{pane}-text", RichLog)
    return "\n".join(line.text.rstrip() for line in log.lines)


def played(sdk: HephaestusSDK, use: Use, size: tuple[int, int] = LARGE) -> None:
    """Use the interface once its fire has burnt down."""

    async def run() -> None:
        app = ForgeApp(sdk.client)
        async with app.run_test(size=size) as pilot:
            await until(
                pilot, lambda: not isinstance(app.screen, Splash), what="the lists are there"
            )
            await use(app, pilot)

    asyncio.run(run())


async def dialog(app: ForgeApp, pilot: Pilot[None], kind: type) -> None:
    await until(pilot, lambda: isinstance(app.screen, kind), what=f"{kind.__name__} is open")
    if kind not in {Confirm, Keys}:
        await until(pilot, lambda: app.screen.focused, what="its field has the focus")


async def closed(app: ForgeApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: len(app.screen_stack) == 1, what="the dialog is closed")


def test_tasks_are_bumped_cancelled_and_restarted(sdk: HephaestusSDK, players: Players) -> None:
    task_id = sdk.create_task("[bold]Look[/bold] \x1b[2Jaround")

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await until(pilot, lambda: rows(app, "tasks"), what="the task is shown")
        glyph, title, state, _age = rows(app, "tasks")[0]
        assert (glyph, title, state) == ("○", "[bold]Look[/bold] ␛[2Jaround", "queued")
        await until(pilot, lambda: "place in queue: 1" in right(app, "info"), what="its info")
        await pilot.press("b")
        await until(pilot, lambda: sdk.get_task(task_id).boosted, what="the task is bumped")
        await pilot.press("x")
        await dialog(app, pilot, Confirm)
        await pilot.press("n")
        await closed(app, pilot)
        assert sdk.get_task(task_id).status == "queued", "no is no"
        await pilot.press("x", "y")
        await until(pilot, lambda: rows(app, "tasks")[0][0] == "◌", what="cancelling is shown")
        await pilot.press("r")
        await until(pilot, lambda: rows(app, "tasks")[0][0] == "○", what="the restart is shown")
        await pilot.press("5")
        await until(pilot, lambda: rows(app, "queue"), what="the queue is shown")
        await pilot.press("q")

    played(sdk, use)
    assert sdk.running, "the interface leaves the SDK as it was"


def test_an_empty_list_says_so_and_shows_nothing_of_another(
    sdk: HephaestusSDK, players: Players
) -> None:
    sdk.create_task("Look around")

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await until(pilot, lambda: "Look around" in right(app, "info"), what="the info of the task")
        await pilot.press("o", "4")
        said = "No agent is live now."
        await until(pilot, lambda: said in right(app, "output"), what="there is no agent")
        await pilot.press("i")
        await until(pilot, lambda: app.query_one(TabbedContent).active == "info", what="its pane")
        await pilot.pause()
        assert right(app, "info") == said
        await pilot.press("3", "/", *"none", "enter")
        await until(pilot, lambda: "has “none” in it" in right(app, "info"), what="nothing fits")

    played(sdk, use)


def test_what_waits_is_settled_in_place(sdk: HephaestusSDK, players: Players) -> None:
    asking = sdk.create_task("Paint the boat")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    asked = ask(engine.db, agent.id, "Red?", options=["red", "blue"], hours=1)
    failing = sdk.create_task("Mend the mast")
    engine.end(engine.run(engine.claimed()), failure=Trouble("permanent", "no such model"))

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        def at(title: str) -> int:
            found = [n for n, row in enumerate(rows(app, "inbox")) if title in row[1]]
            assert found, rows(app, "inbox")
            return found[0]

        await until(pilot, lambda: len(rows(app, "inbox")) >= 2, what="both wait")
        app.listing.move_cursor(row=at("Answer “Paint"))
        await until(pilot, lambda: "option 2: blue" in right(app, "info"), what="the options")
        await pilot.press("a")
        await dialog(app, pilot, Ask)
        await pilot.press("2", "enter")
        await until(
            pilot, lambda: sdk.client.question(str(asked.id)).answer == "blue", what="the answer"
        )
        app.listing.move_cursor(row=at("Mend the mast"))
        await pilot.press("enter")
        await dialog(app, pilot, Choose)
        await pilot.press("enter")  # the first act is the restart
        await until(
            pilot, lambda: sdk.get_task(failing).status == "queued", what="the failed one is queued"
        )

    played(sdk, use)
    assert sdk.get_task(asking).title == "Paint the boat"


def test_agents_come_get_messages_and_go(sdk: HephaestusSDK, players: Players) -> None:
    sdk.create_task("Row to the island")

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        def glyphs() -> list[str]:
            return [row[0] for row in rows(app, "agents") if row[1] == "Row to the island"]

        engine = players.of(sdk.workflow_id)
        agent = engine.run(engine.claimed())
        await pilot.press("4")
        await until(pilot, lambda: glyphs() == ["●"], what="the agent is shown")
        app.listing.move_cursor(row=app.listing.get_row_index(str(agent.id)))
        await pilot.press("m")
        await dialog(app, pilot, Ask)
        await pilot.press(*"look", "enter")
        await until(pilot, lambda: sdk.client.messages(agent_id=str(agent.id)), what="the message")
        await pilot.press("x")
        await dialog(app, pilot, Confirm)
        await pilot.press("y")
        await until(pilot, lambda: glyphs() == ["◌"], what="it is stopping")
        engine.end(agent)
        await until(pilot, lambda: not glyphs(), what="the agent is gone")

    played(sdk, use)


def test_the_end_of_a_long_output_is_followed(
    sdk: HephaestusSDK, players: Players, web: WebServer
) -> None:
    sdk.create_task("Paint the boat")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    folder = web.home / "host" / "agents" / str(agent.id)
    folder.mkdir(parents=True)
    log = folder / "pane.log"
    log.write_text("".join(f"line {number}\n" for number in range(30_000)))

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        await pilot.press("4", "o")
        await until(pilot, lambda: str(agent.id) in app.listing.rows, what="the agent is shown")
        app.listing.move_cursor(row=app.listing.get_row_index(str(agent.id)))
        await until(pilot, lambda: "line 29999" in right(app, "output"), what="the end is shown")
        assert "line 20000" not in right(app, "output")
        with log.open("a") as file:
            file.write("one more\n")
        await until(pilot, lambda: "one more" in right(app, "output"), what="what is new")

    played(sdk, use)


def test_a_terminal_is_joined_where_it_is(
    sdk: HephaestusSDK, players: Players, tmp_path: Path
) -> None:
    sdk.create_task("Paint the boat")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    tmux = ["tmux", "-L", HomeLayout(tmp_path).tmux_socket]
    with pytest.raises(Conflict, match=f"on host a, where `hephaestus attach {str(agent.id)[:8]}`"):
        attaching.command(sdk.client, tmp_path, str(agent.id))
    subprocess.run([*tmux, "new-session", "-d", "-s", agent.tmux_session, "cat"], check=True)
    try:
        argv = attaching.command(sdk.client, tmp_path, str(agent.id))
        assert argv == [*tmux, "attach", "-t", f"={agent.tmux_session}"]
        with pytest.raises(Conflict, match="has no terminal here"):
            attaching.command(sdk.client, None, str(agent.id))
    finally:
        subprocess.run([*tmux, "kill-server"], check=True)


def test_a_workflow_is_launched_by_its_form(sdk: HephaestusSDK) -> None:
    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        before = {workflow.id for workflow in sdk.list_workflows()}
        await pilot.press("n")
        await dialog(app, pilot, Choose)
        await pilot.press("enter")
        await dialog(app, pilot, LaunchForm)
        await pilot.press("ctrl+s")
        fault = app.screen.query_one("#fault", Static)
        await until(pilot, lambda: "is required" in str(fault.render()), what="the fault is told")
        field = app.focused
        assert isinstance(field, Input)
        more = app.screen.query_one("#parameter-more", TextArea)
        assert (more.text, more.placeholder) == ("", "(nothing)")
        fields = app.screen.query_one("#fields")
        label = fields.children[0]

        def label_shows() -> bool:
            return app.focused is field and fields.region.contains_region(label.region)

        await until(pilot, label_shows, what="the first label is on the screen")
        await pilot.press("shift+tab", "shift+tab")
        await until(pilot, lambda: not label_shows(), what="the last field is on the screen")
        await pilot.press("tab", "tab")
        await until(pilot, label_shows, what="the first label is on the screen again")
        await pilot.press(*"Totals", "ctrl+s")
        await closed(app, pilot)
        [made] = [each for each in sdk.list_workflows() if each.id not in before]
        assert (made.title, made.repository) == ("Totals", "https://a.example/r")
        await until(
            pilot,
            lambda: "Totals" in [row[1] for row in rows(app, "workflows")],
            what="it is shown",
        )

    sdk.client.register(FORM)
    played(sdk, use, SMALL)


def test_a_list_is_narrowed_and_the_keys_are_listed(sdk: HephaestusSDK) -> None:
    for title in ("Paint the boat", "Tar the hull"):
        sdk.create_task(title)

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await until(pilot, lambda: len(rows(app, "tasks")) >= 2, what="both are shown")
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.focused, Input), what="the filter has the focus")
        await pilot.press(*"HULL")
        await until(
            pilot, lambda: [r[1] for r in rows(app, "tasks")] == ["Tar the hull"], what="one"
        )
        await pilot.press("enter", "escape")
        await until(pilot, lambda: len(rows(app, "tasks")) >= 2, what="both again")
        await pilot.press("question_mark")
        await dialog(app, pilot, Keys)
        await pilot.press("z")
        await closed(app, pilot)

    played(sdk, use)


def test_80_columns_keep_glyph_title_and_age(sdk: HephaestusSDK) -> None:
    sdk.create_task("Mend the tax of orders that hold two items and a voucher")

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await until(pilot, lambda: rows(app, "tasks"), what="the task is shown")
        glyph, title, age = rows(app, "tasks")[0]
        assert glyph == "○"
        assert title.startswith("Mend the tax of")
        assert title.endswith("…")
        assert age.strip().endswith(("s", "m"))
        assert app.listing.size.height >= 15
        assert app.listing.virtual_size.width <= app.listing.size.width

    played(sdk, use, SMALL)


def test_a_long_question_is_read_whole_in_80_columns(sdk: HephaestusSDK) -> None:
    question = f"{'Is it so, or is it otherwise? ' * 5}That is the end."

    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        app.push_screen(Ask(question))
        await dialog(app, pilot, Ask)
        label = app.screen.query(Label).first()
        await until(pilot, lambda: label.size.height >= 3, what="the question takes three lines")
        shown = " ".join(label.render_line(y).text.strip() for y in range(label.size.height))
        assert "That is the end." in shown

    played(sdk, use, SMALL)


@pytest.mark.parametrize("key", ["a", "b", "m", "r", "x", "enter"])
def test_keys_without_a_thing_do_no_harm(sdk: HephaestusSDK, key: str) -> None:
    async def use(app: ForgeApp, pilot: Pilot[None]) -> None:
        for number in range(1, len(NOUNS) + 1):
            await pilot.press(str(number), key)
            await pilot.press("escape")
        assert app.is_running

    played(sdk, use)


def status(app: ForgeApp) -> str:
    """Return the line that tells of trouble with the server."""
    return str(app.screen_stack[0].query_one("#status", Static).render())


@pytest.mark.parametrize(
    ("listens", "told"), [(False, "does not answer"), (True, "no answer for 2 s")]
)
def test_a_server_that_is_away_or_slow_is_told_of(*, listens: bool, told: str) -> None:
    async def use(app: ForgeApp) -> None:
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: isinstance(app.screen, Splash), what="the fire burns")
            forge = app.screen.query_one("#forge", Static)
            assert "H E P H A E S T U S" in str(forge.render())
            await until(pilot, lambda: told in str(forge.render()), what="the fire tells")
            await pilot.press("space", "3", "n")
            await until(pilot, lambda: not isinstance(app.screen, Splash), what="any key opens")
            assert app.listing.id == "tasks", "the keys work all the same"
            await until(pilot, lambda: status(app).startswith("▲ "), what="a line tells")

    with socket.create_server(("127.0.0.1", 0)) as server:  # accepts, and never answers
        port = server.getsockname()[1]
        if not listens:
            server.close()
        with HephaestusClient(f"http://127.0.0.1:{port}", "token", patience=0.5) as client:
            asyncio.run(use(ForgeApp(client)))
