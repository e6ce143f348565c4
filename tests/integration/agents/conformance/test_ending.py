"""Programs that end: stopped, and what they have used."""

from pathlib import Path

import psutil
import pytest

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.costs.views import Tokens
from hephaestus_worker.agent_programs.base import Promise
from hephaestus_worker.terminal.process_tree import processes_of
from tests.integration.agents.conformance.cases import Call, Run, Say
from tests.integration.agents.conformance.conftest import START_SECONDS, World
from tests.used import total, used
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.mark.promise(Promise.STOPS)
def test_a_stop_leaves_no_process(world: World) -> None:
    agent = world.start(
        "Run it.", Run("sleep 600 & setsid sleep 601 & echo $$ > pid; sleep 602"), Say("Over.")
    )
    pid = agent.launch.worktree / "pid"
    wait_until(lambda: pid.exists() and pid.read_text(), timeout=START_SECONDS, what="the command")
    running = processes_of(agent.launch.agent_id)
    assert len(running) >= 5
    agent.stop(grace=5)
    # The terminal's server, which is none of the agent's, ends a moment after its last session.
    wait_until(lambda: not any(map(_runs, running)), timeout=10, what="no process is left")
    wait_until(lambda: using(agent.launch.folder) == [], timeout=10, what="none uses its folder")
    assert agent.tmux.sessions() == {}


@pytest.mark.promise(Promise.TOKENS)
def test_tokens_are_read(world: World) -> None:
    agent = world.start("Use some.", Run("true"), Call("get_my_task"), Say("Used."))
    world.wait_for_words(agent, "Used.")
    if Promise.TOKENS in agent.program.cannot:
        assert agent.program.turns(agent.launch.folder, {}).turns == ()
        return
    answers = world.case.answers(world.model, agent)
    assert answers >= 3

    def counted() -> bool:
        return used(agent.program, agent.launch.folder).input_tokens == 100 * answers

    wait_until(counted, what=f"the tokens of {answers} answers")
    reading = agent.program.turns(agent.launch.folder, {})
    assert total(reading) == Tokens(100 * answers, 20 * answers)
    again = agent.program.turns(agent.launch.folder, reading.after)
    assert total(again) in {Tokens(), total(reading)}, "a turn of before was counted otherwise"


@pytest.mark.promise(Promise.COST)
def test_cost_is_read(world: World) -> None:
    agent = world.start("Use some.", Say("Used."))
    world.wait_for_words(agent, "Used.")
    if Promise.COST in agent.program.cannot:
        turns = agent.program.turns(agent.launch.folder, {}).turns
        assert all(turn.cost is None for turn in turns)
        return

    def costs() -> list[float]:
        turns = agent.program.turns(agent.launch.folder, {}).turns
        return [turn.cost for turn in turns if turn.cost]

    assert sum(wait_until(costs, what="a cost")) == pytest.approx(world.case.cost)


@pytest.mark.promise(Promise.MISSING)
def test_a_missing_program_is_known_before_the_start(world: World) -> None:
    nowhere = {"PATH": "/nonexistent"}
    if Promise.MISSING in world.case.program.cannot:
        assert world.case.program.ensure_installed(nowhere).exists()
        return
    with pytest.raises(AgentProgramError, match="install"):
        world.case.program.ensure_installed(nowhere)


def using(folder: Path) -> list[psutil.Process]:
    """Return the processes, whoever started them, that were told of the agent's folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        told = f"{process.info['cmdline']}{process.info['environ']}"
        if str(folder) in told:
            found.append(process)
    return found
