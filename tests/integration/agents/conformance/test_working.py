"""Programs at work: started, spoken to, and told apart when idle and busy."""

import psutil
import pytest

from hephaestus_worker.agent_programs.base import Promise
from tests.integration.agents.conformance.cases import Call, Run, Say
from tests.integration.agents.conformance.conftest import START_SECONDS, World
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program

NASTY = (
    "-dash first, then \"quotes\" 'single' `touch pwned` $(touch pwned) ${HOME} \\ !! %s #S\n"
    "\n\ttab, ünï, 漢字, 🙂, <b>&amp;</b> and a\u00a0hard space;\n"
)
LONG = "A long message with ünï and $(touch pwned).\n" * 450
WAIT = Run("while [ ! -e go ]; do sleep 0.05; done; echo over")


@pytest.mark.promise(Promise.STARTS)
def test_it_starts_without_a_dialog(world: World) -> None:
    agent = world.start("Begin.", Say("Begun by itself."))
    world.wait_for_words(agent, "Begun by itself.")
    assert agent.failure() is None


@pytest.mark.promise(Promise.PROMPT)
def test_a_long_prompt_arrives_whole_and_nothing_secret_is_shown(world: World) -> None:
    prompt = NASTY + "All work and no play. " * 3_000 + "\nlast line\n\n"
    agent = world.start(prompt, Say("Read."))
    world.wait_for_words(agent, "Read.")
    assert len(prompt.encode()) > 65_536
    assert world.case.was_told(world.model, agent, agent.launch.prompt)
    assert list(agent.launch.worktree.glob("pwned")) == []
    shown = str([process.info["cmdline"] for process in psutil.process_iter(["cmdline"])])
    shown += agent.log + agent.screen()
    secrets = [world.tools.token, *world.case.secrets]
    assert [secret for secret in secrets if secret in shown] == []
    open_to_others = [p for p in agent.launch.folder.iterdir() if p.stat().st_mode & 0o077]
    assert open_to_others == []


def test_a_prompt_too_long_for_an_argument_is_not_lost(world: World) -> None:
    agent = world.start(("x" * 150 + "\n") * 1_000, Say("Read."))
    world.wait_for_words(agent, "Read.")
    prompt = agent.launch.prompt
    whole = agent.launch.folder / "prompt-whole.md"
    if not world.case.was_told(world.model, agent, prompt):
        assert world.case.was_told(world.model, agent, str(whole))
        assert whole.read_text() == prompt


@pytest.mark.promise(Promise.TOOLS)
def test_the_engines_tools_are_called(world: World) -> None:
    created = {"description": NASTY, "phase_id": 2}
    agent = world.start(
        "Use your tools.", Call("get_my_task"), Call("create_task", created), Say("Used.")
    )
    world.wait_for_words(agent, "Used.")
    assert len(world.tools.called("get_my_task")) == 1
    assert world.tools.called("create_task") == [{**created, "priority": "medium"}]


@pytest.mark.promise(Promise.IDLE_AND_BUSY)
def test_idle_and_busy_are_told_apart(world: World) -> None:
    agent = world.start("Wait for the file go.", WAIT, Say("Went."))
    wait_until(
        lambda: agent.program.is_idle(agent.screen()) is False,
        timeout=START_SECONDS,
        what="a busy agent",
    )
    world.keep_screen(agent, "busy")
    (agent.launch.worktree / "go").touch()
    world.wait_for_words(agent, "Went.")
    if Promise.IDLE_AND_BUSY in agent.program.cannot:
        assert agent.exit_status() == 0
        assert not agent.program.is_idle(agent.screen())
        return
    agent.wait_idle()
    world.keep_screen(agent, "idle")


@pytest.mark.promise(Promise.MESSAGE_WHILE_IDLE)
def test_a_message_is_delivered_while_idle(world: World) -> None:
    agent = world.start("Be ready.", Say("Ready."), Say("Heard it."), Say("Heard more."))
    world.wait_for_words(agent, "Ready.")
    if Promise.MESSAGE_WHILE_IDLE in agent.program.cannot:
        assert not agent.deliver("Hello.")
        return
    agent.wait_idle()
    for message, answer in ((NASTY, "Heard it."), (LONG, "Heard more.")):
        assert agent.deliver(message)
        world.wait_until_told(agent, message)
        world.wait_for_words(agent, answer)
        agent.wait_idle()
    assert list(agent.launch.worktree.glob("pwned")) == []


@pytest.mark.promise(Promise.MESSAGE_WHILE_BUSY)
def test_messages_are_delivered_while_busy(world: World) -> None:
    agent = world.start("Wait for the file go.", WAIT, Say("Went."), Say("Heard."))
    wait_until(
        lambda: agent.program.is_idle(agent.screen()) is False,
        timeout=START_SECONDS,
        what="a busy agent",
    )
    if Promise.MESSAGE_WHILE_BUSY in agent.program.cannot:
        assert not agent.deliver("Hello.")
        return
    messages = ("/exit while busy, at @file", NASTY, LONG)
    # One that a program did not show in time is put before it once more, as its host does.
    for message in messages:
        assert agent.deliver(message) or agent.deliver(message), message[:40]
    world.keep_screen(agent, "queued")
    assert agent.program.is_idle(agent.screen()) is False
    (agent.launch.worktree / "go").touch()
    for message in messages:
        world.wait_until_told(agent, message)
    assert list(agent.launch.worktree.glob("pwned")) == []
