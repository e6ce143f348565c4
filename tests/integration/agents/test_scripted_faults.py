"""Every fault in docs/scripted-agents.md, played as it stands there by a real program."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from hephaestus_worker.agent_programs import program
from hephaestus_worker.terminal.process_tree import is_alive, processes_of
from tests.agent_processes import seen_from_outside
from tests.integration.agents.conftest import Agent, MakeAgent
from tests.integration.agents.tool_server import ToolServer
from tests.unit.docs.test_scripted_agents import steps_in
from tests.waiting import wait_until

Seen = Callable[[Agent, ToolServer, Any], None]


def crash(agent: Agent, _tools: ToolServer, _value: Any) -> None:
    assert agent.exit_status() == 137


def hang(agent: Agent, _tools: ToolServer, _value: Any) -> None:
    agent.wait_for_log("[hang]")
    agent.tmux.send_keys(agent.session, "C-c")
    assert not agent.deliver("are you there?")
    assert agent.program.is_idle(agent.screen()) is False
    agent.stop(grace=0.2)


def stall(agent: Agent, _tools: ToolServer, _value: Any) -> None:
    agent.wait_for_log("[step] stall")
    assert agent.program.is_idle(agent.screen()) is False
    assert agent.deliver("Go on.")
    agent.wait_for_log("[idle]")


def loop(agent: Agent, _tools: ToolServer, value: Any) -> None:
    line = f"[say] {value['text']}\n"
    wait_until(lambda: agent.log.count(line) > 2, what="the same line again")


def flood(agent: Agent, _tools: ToolServer, value: Any) -> None:
    size = value["megabytes"] * 1_000_000
    wait_until(lambda: len(agent.log) > size, timeout=30, what="all of it in the log")


def lie(_agent: Agent, tools: ToolServer, value: Any) -> None:
    wait_until(lambda: tools.called("update_task_status"), what="a report")
    report = tools.called("update_task_status")[0]
    assert (report["status"], report["summary"]) == ("done", value)


def daemon(agent: Agent, _tools: ToolServer, _value: Any) -> None:
    agent.wait_for_log("[daemon] ")
    pid = int(agent.log.partition("[daemon] ")[2].split()[0])
    child = seen_from_outside(pid, processes_of(agent.launch.agent_id))
    agent.stop()
    wait_until(lambda: not is_alive(child), what="the end of the child")


def refused(agent: Agent, _tools: ToolServer, value: Any) -> None:
    assert_signs(agent, "key_refused", value, times=3)


def waits(agent: Agent, _tools: ToolServer, value: Any) -> None:
    agent.wait_for_log(f"[waiting] {value}")
    assert_signs(agent, "asks_this", value, times=1)


def assert_signs(agent: Agent, kind: str, text: str, *, times: int) -> None:
    """Wait until the agent has left such signs."""
    read: dict[str, int] = {}
    found: list[str] = []

    def seen() -> bool:
        signs = agent.program.signs(agent.launch.folder, read)
        found.extend(sign.text for sign in signs if sign.kind == kind)
        return len(found) >= times

    wait_until(seen, what=f"{times} signs {kind}")
    assert set(found) == {text}


SEEN: dict[str, Seen] = {
    f.__name__: f for f in (crash, hang, stall, loop, flood, lie, daemon, refused, waits)
}
FAULTS = {name: value for step in steps_in("Faults") for name, value in step.items()}


def test_each_fault_has_its_sign() -> None:
    assert set(FAULTS) == set(SEEN)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_the_fault_is_seen(name: str, make_agent: MakeAgent, tools: ToolServer) -> None:
    prompt = f"```script\n- {json.dumps({name: FAULTS[name]})}\n```\n"
    agent = make_agent(program("scripted"), prompt, mcp_url=tools.url, token=tools.token)
    agent.start()
    SEEN[name](agent, tools, FAULTS[name])
    agent.stop(grace=0.2)
