"""The command ``inbox`` and the calls behind it, on the real API."""

from hephaestus_core.agents.views import Trouble
from hephaestus_core.questions.asking import ask
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from tests.integration.sdk.commands import ABSENT, Invoke, parsed
from tests.integration.sdk.conftest import Players


def test_the_inbox_in_words_and_its_acts(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    failing, asking = sdk.create_task("Mend the mast"), sdk.create_task("Paint the boat")
    engine = players.of(sdk.workflow_id)
    agents = [engine.run(engine.claimed()) for _ in range(2)]
    by_task = {str(agent.task_id): agent for agent in agents}
    hostile = "Red or \x1b[2Jblue?"
    asked = ask(engine.db, by_task[asking].id, hostile, options=["red", "blue"], hours=1)
    engine.end(by_task[failing], failure=Trouble("permanent", "no such model"))
    item = next(one for one in sdk.client.inbox().items if one.task_id == failing)
    short = item.id[:8]
    code, shown = invoke("inbox")
    assert code == 0
    assert "◆ " in shown.splitlines()[0]
    assert " for you · ▲ " in shown.splitlines()[0]
    assert "\x1b" not in shown
    assert "permanent: no such model" in shown
    assert f"restart: hephaestus restart {failing}" in shown
    assert "option 2: blue" in shown
    assert f"answer: hephaestus answer {asked.id} 'TEXT OR NUMBER OF AN OPTION'" in shown
    told = invoke("inbox", "snooze", short, "--minutes", "5")
    assert told == (0, f"aside for 5 min: {item.title}\n")
    aside = invoke("inbox", "--set-aside")[1]
    assert f"by admin: hephaestus inbox undo {short}" in aside
    assert failing not in invoke("inbox")[1]
    assert invoke("inbox", "undo", short) == (0, f"back on the list: {item.title}\n")
    assert parsed(invoke("inbox", "dismiss", short, "--json"))["set_aside_by"] == "admin"
    assert item.id not in {one["id"] for one in parsed(invoke("inbox", "--json"))["items"]}
    assert invoke("inbox", "dismiss", ABSENT)[0] == ExitCode.NOT_FOUND
    question = next(one for one in sdk.client.inbox().items if one.task_id == asking)
    assert invoke("inbox", "dismiss", question.id)[0] == ExitCode.CONFLICT


def test_what_waits_is_settled_by_its_item(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    failing, asking = sdk.create_task("Mend the mast"), sdk.create_task("Paint the boat")
    engine = players.of(sdk.workflow_id)
    by_task = {
        str(agent.task_id): agent for agent in [engine.run(engine.claimed()) for _ in range(2)]
    }
    asked = ask(engine.db, by_task[asking].id, "Red?", options=["red", "blue"], hours=1)
    engine.end(by_task[failing], failure=Trouble("permanent", "no such model"))
    items = {one.task_id: one.id[:8] for one in sdk.client.inbox().items}
    shown = invoke("inbox")[1]
    assert f"{items[asking]}  ◆ waits for you, " in shown
    assert invoke("inbox", "do", items[asking], "restart")[0] == ExitCode.CONFLICT
    assert invoke("inbox", "do", items[asking], "answer")[0] == ExitCode.BAD_INPUT
    assert invoke("inbox", "do", items[asking], "answer", "2") == (0, "answered: blue\n")
    assert sdk.client.question(str(asked.id)).answer == "blue"
    told = invoke("inbox", "do", items[failing], "restart")
    assert told == (0, "'Mend the mast' is queued\n")
    assert sdk.get_task(failing).status == "queued"
