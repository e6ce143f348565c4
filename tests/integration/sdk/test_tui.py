"""The terminal interface on the real API, driven by keys."""

import asyncio
import time
from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, RichLog, Static

from hephaestus_core.agents.views import AgentView
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.tui.app import ForgeApp, Question
from tests.integration.sdk.conftest import Players


async def until(pilot: Pilot[None], condition: Callable[[], object], *, what: str) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        await pilot.pause(0.01)


def rows(app: ForgeApp, name: str) -> list[list[str]]:
    table: DataTable[object] = app.query_one(f"#{name}", DataTable)
    return [[str(cell) for cell in table.get_row(key)] for key in table.rows]


def test_it_shows_what_happens_and_obeys_keys(sdk: HephaestusSDK, players: Players) -> None:
    task_id = sdk.create_task("[bold]Look[/bold] \x1b[2Jaround")

    async def use() -> None:
        app = ForgeApp(sdk.client)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: rows(app, "tasks"), what="the task is shown")
            assert rows(app, "tasks")[0][0] == task_id[:8]
            assert rows(app, "tasks")[0][4] == "[bold]Look[/bold] ␛[2Jaround"
            assert "H E P H A E S T U S" in str(app.query_one("#forge", Static).render())
            await pilot.press("b")
            await until(pilot, lambda: sdk.get_task(task_id).boosted, what="the task is bumped")
            await pilot.press("c")
            await until(pilot, lambda: isinstance(app.screen, Question), what="it asks first")
            await pilot.press("n")
            await until(pilot, lambda: not isinstance(app.screen, Question), what="no is no")
            assert sdk.get_task(task_id).status == "queued"
            await pilot.press("c", "y")
            await until(
                pilot, lambda: rows(app, "tasks")[0][2] == "cancelled", what="cancelling is shown"
            )
            log = app.query_one(RichLog)
            await until(pilot, lambda: log.lines, what="events are shown")
            await pilot.press("r")
            await until(
                pilot, lambda: rows(app, "tasks")[0][2] == "queued", what="the restart is shown"
            )
            await pilot.press("q")

    asyncio.run(use())
    assert sdk.running, "the interface leaves the SDK as it was"


def test_agents_come_and_go(sdk: HephaestusSDK, players: Players) -> None:
    sdk.create_task("x")

    async def use() -> None:
        app = ForgeApp(sdk.client)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: rows(app, "tasks"), what="the task is shown")

            def shown(agent: AgentView) -> bool:
                return str(agent.id)[:8] in [row[0] for row in rows(app, "agents")]

            engine = players.of(sdk.workflow_id)
            agent = engine.run(engine.claimed())
            await until(pilot, lambda: shown(agent), what="the agent is shown")
            engine.finish(agent)
            await until(pilot, lambda: not shown(agent), what="the agent is gone")

    asyncio.run(use())


@pytest.mark.parametrize(("rows_there", "fire"), [(24, False), (40, True)])
def test_a_small_terminal_has_rows_in_place_of_the_fire(
    sdk: HephaestusSDK, rows_there: int, fire: bool
) -> None:
    sdk.create_task("x")

    async def use() -> None:
        app = ForgeApp(sdk.client)
        async with app.run_test(size=(80, rows_there)) as pilot:
            await until(pilot, lambda: rows(app, "workflows"), what="the workflow is shown")
            assert app.query_one("#forge", Static).display is fire
            for name in ("workflows", "agents", "tasks"):
                # A border and the headings take three.
                assert app.query_one(f"#{name}", DataTable).size.height >= 5

    asyncio.run(use())


@pytest.mark.parametrize("key", ["b", "c", "r"])
def test_keys_without_a_task_do_no_harm(sdk: HephaestusSDK, key: str) -> None:
    async def use() -> None:
        app = ForgeApp(sdk.client)
        async with app.run_test(size=(140, 45)) as pilot:
            await pilot.press(key)
            assert app.is_running

    asyncio.run(use())
