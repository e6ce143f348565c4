"""What people see on a terminal and programs in a pipe: the real commands, each as a process."""

import re
import subprocess
import sys

import pytest
from sqlalchemy import text

from hephaestus_core.agents import leases
from hephaestus_core.agents.views import Trouble
from hephaestus_sdk import HephaestusSDK
from tests.integration.sdk.conftest import Players
from tests.integration.sdk.test_waits import deliver
from tests.pseudo_terminal import COLUMNS, on_terminal
from tests.web_server import WebServer

Env = dict[str, str]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RED, GREEN = "\x1b[31m", "\x1b[32m"
REASON = "the tests cannot be run here for want of a compiler"
TEXT = "Mend the tax of orders that hold two items and a voucher of the season before"


@pytest.fixture
def env(api_url: str, token: str) -> Env:
    """Variables that lead to the stack."""
    return {"HEPHAESTUS_URL": api_url, "HEPHAESTUS_TOKEN": token}


@pytest.fixture
def failed(sdk: HephaestusSDK, players: Players, web: WebServer) -> str:
    """A workflow with one task done and one that its agent gave up for good."""
    engine = players.of(sdk.workflow_id)
    sdk.create_task(TEXT)
    engine.finish(engine.run(engine.claimed()))
    sdk.create_task("Write it down")
    for _ in range(3):
        change(web, "UPDATE tasks SET due_at = NULL")
        engine.end(engine.run(engine.claimed()), failure=Trouble("agent_fault", REASON))
    deliver(engine)
    return str(sdk.workflow_id)


def change(web: WebServer, statement: str) -> None:
    with web.database.transaction() as session:
        session.execute(text(statement))


def piped(*arguments: str, env: Env) -> str:
    argv = [sys.executable, "-m", "hephaestus_sdk.cli.main", *arguments]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def lines(shown: str) -> list[str]:
    return COLOUR.sub("", shown).splitlines()


def test_tables_are_coloured_on_a_terminal_alone(failed: str, env: Env) -> None:
    code, shown = on_terminal("tasks", "--workflow", failed, env=env)
    assert code == 0
    assert f"{RED}" in shown
    assert f"{GREEN}" in shown
    assert COLOUR.search(piped("tasks", "--workflow", failed, env=env)) is None
    _, plain = on_terminal("tasks", "--workflow", failed, env=env | {"NO_COLOR": "1"})
    assert RED not in plain
    assert GREEN not in plain


def test_a_table_has_short_ids_and_a_line_per_row(failed: str, env: Env) -> None:
    _, shown = on_terminal("tasks", "--workflow", failed, env=env)
    head, *rows = lines(shown)
    assert head.split() == ["id", "condition", "title", "phase"]
    assert len(rows) == 2
    assert {row[10:].partition("  ")[0] for row in rows} == {"✓ done", "✗ failed"}
    assert all(len(row) <= COLUMNS for row in rows)
    for row in rows:
        code, told = on_terminal("task", row.split()[0], "--json", env=env)
        assert (code, f'"id": "{row.split()[0]}' in told) == (0, True)


def test_watch_tells_in_words_that_are_not_broken(failed: str, env: Env) -> None:
    code, shown = on_terminal("watch", failed[:8], env=env)
    assert code == 0
    told = lines(shown)
    assert all(len(line.rstrip()) <= COLUMNS for line in told)
    joined = re.sub(r"\s+", " ", " ".join(told))
    assert "is queued again, to start later: the tests cannot be run here for want of" in joined
    assert "'Write it down' has failed: the tests cannot be run here" in joined
    assert f"'{TEXT[:39]}…' is done" in joined
    words = set(" ".join(piped("watch", failed, env=env).split()).split())
    assert {word for line in told for word in line.split()} <= words, "no word is broken"
    for line in told:
        assert re.match(r"\d\d:\d\d:\d\d \S|         \S", line), line


def test_what_falls_silent_is_told_by_its_host(
    sdk: HephaestusSDK, players: Players, web: WebServer, env: Env
) -> None:
    engine = players.of(sdk.workflow_id)
    sdk.create_task("Fix tax")
    engine.run(engine.claimed())
    for table in ("hosts", "agents"):
        change(web, f"UPDATE {table} SET lease_expires_at = now() - interval '1 h'")
    for _ in range(2):
        leases.expire(engine.db, confirm_seconds=0)
    sdk.stop_workflow(str(sdk.workflow_id))
    told = piped("watch", str(sdk.workflow_id), env=env)
    assert "'Fix tax' is queued again, to start later: host a fell silent" in told


def test_a_summary_wraps_between_words(failed: str, env: Env) -> None:
    code, shown = on_terminal("workflow", failed, env=env)
    assert code == 0
    assert all(len(line.rstrip()) <= COLUMNS for line in lines(shown))
    cut = {word for line in lines(shown) for word in line.split()}
    cut -= set(piped("workflow", failed, env=env).split())
    # A duration may have grown between the two.
    assert all("…" in word or re.fullmatch(r"[\d.]+", word) for word in cut), cut


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("workflos",), "No such command 'workflos'; did you mean 'workflows'?"),
        (("agents", "stp"), "No such command 'stp'; did you mean 'stop'?"),
        (("token", "lst"), "did you mean 'list'?"),
        (("workflows", "--jsn"), "Did you mean '--json'?"),
        (("nothing-like-it",), "No such command 'nothing-like-it'."),
    ],
)
def test_a_mistyped_word_is_told_its_nearest(
    arguments: tuple[str, ...], told: str, env: Env
) -> None:
    code, shown = on_terminal(*arguments, env=env)
    assert (code, told in shown) == (2, True), shown


def test_the_version(env: Env) -> None:
    assert re.fullmatch(r"hephaestus \d+\.\d+\.\d+\S*\n", piped("--version", env=env))


def test_the_shell_completes_commands_and_options(env: Env) -> None:
    def completed(words: str, number: int) -> list[str]:
        asked = {
            "_HEPHAESTUS_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(number),
        }
        program = "from hephaestus_sdk.cli.main import main; main(prog_name='hephaestus')"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=env | asked,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.splitlines()

    assert completed("hephaestus workf", 1) == ["plain,workflows", "plain,workflow"]
    assert completed("hephaestus token re", 2) == ["plain,revoke"]
    assert "plain,--workflow" in completed("hephaestus tasks --w", 2)


def test_the_terminal_interface_opens_and_closes(env: Env, sdk: HephaestusSDK) -> None:
    sdk.create_task("Fix tax")
    code, shown = on_terminal("tui", env=env, keys=("Quit", "q"))
    assert code == 0, shown
    assert "2 Workflows" in shown
