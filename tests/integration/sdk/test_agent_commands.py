"""Commands for agents, hosts, messages and questions, on the real API."""

from hephaestus_core.agents import unsaved
from hephaestus_core.agents.views import Trouble
from hephaestus_core.changes.diffs import record_attempt_diff
from hephaestus_core.conductor.service import Conduct, look
from hephaestus_core.contract.diffs import Diff, FileChange
from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.statuses import Containment
from hephaestus_core.guardian.acting import steer
from hephaestus_core.guardian.following_up import follow_up
from hephaestus_core.guardian.judging import note_outcome
from hephaestus_core.hosts import service as hosts
from hephaestus_core.questions.asking import ask
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from tests.integration.sdk.commands import ABSENT, Invoke, parsed
from tests.integration.sdk.conftest import Players
from tests.integration.sdk.test_waits import Waiting
from tests.judgements import keep
from tests.web_server import WebServer


def test_hosts_agents_messages_and_output(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    agent_id = str(agent.id)
    listed = invoke("agents", "--workflow", str(sdk.workflow_id))[1]
    assert listed.startswith(f"{agent_id}\t● at work\tx\tworking\t1\t")
    unsaved.record_save_failed(engine.db, agent.id, reason="the origin is away", path="/there")
    assert "working, unsaved" in invoke("agents", "--workflow", str(sdk.workflow_id))[1]
    assert invoke("message", agent_id, "`look` at $HOME") == (0, f"sent to {agent_id}\n")
    assert invoke("broadcast", str(sdk.workflow_id), "x", "--phase", "2")[1] == "sent to 0 agents\n"
    assert f"\t{agent_id}\tsent\t`look` at $HOME" in invoke("messages", "--agent", agent_id)[1]
    [receipt] = sdk.messages(sdk.workflow_id)
    assert (receipt.sender_kind, receipt.status) == ("person", "sent")
    assert parsed(invoke("drain", "a", "--json"))["draining"] is True
    assert "a\tdraining\t1000" in invoke("hosts")[1]
    assert invoke("drain", "a", "--undo")[0] == 0


def test_an_agent_is_shown_with_the_judgement_of_a_model(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    assert "alignment" not in invoke("agents", "show", str(agent.id))[1]
    keep(engine.db, agent.id, focus="It paints the \u2400 theme.", steers=True)
    told = "Rules alone judge agents. No key."
    note_outcome(engine.db, "a", LlmOutcome.KEY_MISSING, told)

    shown = invoke("agents", "show", str(agent.id))[1]

    assert "alignment       0.25" in shown
    assert "focus           It paints the \u2400 theme." in shown
    assert "needs steering  drifting: Go back." in shown
    trajectory = parsed(invoke("agents", "show", str(agent.id), "--json"))["trajectory"]
    assert (trajectory["stage"], trajectory["constraints"]) == ("planning", ["Keep the API."])
    host = {each["name"]: each for each in parsed(invoke("hosts", "--json"))}["a"]
    assert host["judge_outcome"] == "key_missing"
    assert host["judge_detail"] == told
    note_outcome(engine.db, "a", LlmOutcome.ANSWERED, None)


def test_questions_are_listed_and_answered(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("x")
    engine, own = players.of(sdk.workflow_id), str(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    first = ask(engine.db, agent.id, "Which?", options=["left", "right"], hours=1)
    second = ask(engine.db, agent.id, "It asks:\n\nWhy?", hours=1)
    shown = invoke("questions", "--workflow", own)[1]
    assert "Which?" in shown
    assert "option 2     right" in shown
    assert "question     It asks: Why?" in shown
    assert sdk.get_workflow(own).condition.cause == "question"
    assert invoke("answer", str(first.id)[:8], "2") == (0, "answered: right\n")
    assert invoke("answer", str(first.id), "left")[0] == ExitCode.CONFLICT
    assert invoke("answer", str(second.id)[:8], "")[0] == ExitCode.BAD_INPUT
    assert sdk.answer(str(second.id), "Because.").answered_by == "admin"
    assert sdk.questions(own) == []
    assert {each.answer for each in sdk.questions(own, status=None)} == {"right", "Because."}


def test_coherence_is_that_of_at_least_two_agents(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    engine, own = players.of(sdk.workflow_id), str(sdk.workflow_id)
    assert "nobody has looked yet" in invoke("coherence", own)[1]
    for words in ("Mend the reader.", "Document the writer."):
        sdk.create_task(words)
    first, _ = [engine.run(engine.claimed()) for _ in range(2)]
    look(engine.db, Conduct(policy="observe", confirm_seconds=0))
    assert invoke("coherence", own)[1].startswith("coherence 1.00 of 2 agents, policy ")
    engine.finish(first)
    look(engine.db, Conduct(policy="observe", confirm_seconds=0))
    assert invoke("coherence", own)[1].startswith("fewer than two agents were at work")


def test_hosts_say_how_they_hold_the_processes_of_agents(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("x")
    hosts.register(
        *(players.of(sdk.workflow_id).db, "weak"),
        slots=1,
        labels=[],
        lease_seconds=60,
        containment=Containment.ENVIRONMENT,
        containment_obstacle="unshare: Operation not permitted",
    )
    found = {host["name"]: host for host in parsed(invoke("hosts", "--json"))}
    assert found["weak"]["containment"] == "environment"
    assert found["a"]["containment"] is None
    assert (
        f"weak: {Containment.ENVIRONMENT.sentence} (unshare: Operation not permitted)\n"
    ) in invoke("hosts")[1]


def test_labels_of_a_host_are_set_and_taken_back(invoke: Invoke, players: Players) -> None:
    assert invoke("hosts", "label", "a", "gpu", "big") == (0, "a: gpu, big\n")
    assert "\tgpu, big\t" in invoke("hosts")[1]
    assert parsed(invoke("hosts", "label", "a", "--json"))["labels"] == []
    assert invoke("hosts", "label", "a", "--undo")[0] == 0
    assert invoke("hosts", "label", "absent", "gpu")[0] == ExitCode.NOT_FOUND


def test_a_broadcast_a_timeline_and_a_diff(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    task_id = sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    assert invoke("broadcast", str(sdk.workflow_id), "look") == (0, "sent to 1 agents\n")
    lines = invoke("timeline", task_id)[1].splitlines()
    assert "'x' is created" in lines[0]
    whole = parsed(invoke("timeline", task_id, "--json"))
    assert len(whole["items"]) == len(lines)
    assert whole["attempts"][0]["id"] == str(agent.id)
    assert invoke("diff", task_id) == (0, "no work was saved yet\n")
    change = FileChange("a", 1, 0)
    hostile = "+\x1b[2J\x07evil\n"
    diff = Diff("base", "tip", 3, 1, 0, [change], hostile, truncated=True)
    record_attempt_diff(engine.db, agent.id, diff)
    shown = invoke("diff", task_id)[1]
    assert shown.startswith("+evil\n")
    assert "in all 3 files, +1 -0" in shown
    assert parsed(invoke("diff", str(sdk.workflow_id), "--json"))["commit"] is None
    assert invoke("commits", task_id) == (0, "no work was saved yet\n")
    engine.end(agent, failure=Trouble("transient", "network"))
    assert "as the repository is behind a URL" in invoke("commits", task_id)[1]
    assert parsed(invoke("commits", task_id, "--json"))["tip"] == f"commit-of-{agent.id}"
    assert invoke("diff", ABSENT)[0] == ExitCode.NOT_FOUND


def test_an_agent_is_stopped(invoke: Invoke, players: Players, sdk: HephaestusSDK) -> None:
    sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent_id = str(engine.run(engine.claimed()).id)
    code, output = invoke("agents", "stop", agent_id[:8], "--reason", "enough")
    assert (code, output) == (0, f"{agent_id} is stopping\n")
    assert sdk.client.agent(agent_id).status == "stopping"
    assert invoke("agents", "stop", ABSENT)[0] == ExitCode.NOT_FOUND


def test_output_is_followed_to_the_agents_end(
    invoke: Invoke, players: Players, sdk: HephaestusSDK, web: WebServer
) -> None:
    sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    folder = web.home / "host" / "agents" / str(agent.id)
    folder.mkdir(parents=True)
    log = folder / "pane.log"
    log.write_bytes(b"first\n")
    assert invoke("output", str(agent.id)) == (0, "first\n")
    following = Waiting(lambda: invoke("output", str(agent.id), "--follow"))
    with log.open("ab") as file:
        file.write(b"second \x1b[31mred\x1b[0m\n")
    engine.finish(agent)
    assert following.outcome() == (0, "first\nsecond red\n")


def test_acts_of_the_guardian_are_listed(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("x")
    engine, own = players.of(sdk.workflow_id), str(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    assert steer(engine.db, agent.id, "Back.", cause="drifting", key="focus", evidence=["He sings"])
    shown = invoke("interventions", "--agent", str(agent.id)[:8])[1]
    assert "\tdrifting\tsteer\tnot known yet\tHe sings" in shown
    [act] = sdk.interventions(own)
    assert (act.text, act.effect, act.delivered_at) == ("Back.", None, None)
    assert invoke("interventions", "--task", str(agent.task_id), "--json")[1].count('"id"') == 1


def test_people_overrule_the_guardian(invoke: Invoke, players: Players, sdk: HephaestusSDK) -> None:
    sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    agent_id = str(agent.id)
    steer(engine.db, agent.id, "Back.", cause="drifting", key="focus")
    [act] = sdk.interventions(agent_id=agent_id)

    said = invoke("interventions", "undo", act.id[:8])[1]
    assert said == f"taken back: steer of agent {agent_id}\n"
    assert "undone by admin" in invoke("interventions", "--agent", agent_id)[1]
    assert invoke("interventions", "undo", act.id)[0] == ExitCode.CONFLICT

    assert " is fine until " in invoke("agents", "fine", agent_id, "--minutes", "5")[1]
    assert ", says admin" in invoke("agents", "show", agent_id)[1]
    assert sdk.client.agent(agent_id).fine_by == "admin"
    assert (
        invoke("agents", "fine", agent_id, "--minutes", "0")[1] == f"{agent_id} is watched again\n"
    )
    assert sdk.call_fine(agent_id).fine_until is not None
    assert invoke("agents", "fine", agent_id, "--undo")[1] == f"{agent_id} is watched again\n"
    assert sdk.client.agent(agent_id).fine_until is None


def test_the_report_on_judgements_in_words(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("Plan the pier")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    keep(engine.db, agent.id, steers=True, focus="Sails \x1b[2J")
    engine.end(agent)
    follow_up(engine.db)
    code, shown = invoke("guardian", "report", "--days", "3")
    assert code == 0
    assert "calls in the last 3 days: " in shown
    assert "\x1b" not in shown
    assert f"{str(agent.id)[:8]} drifting: Sails" in shown
    assert "→ headway: New work of it was saved." in shown
    found = parsed(invoke("guardian", "report", "--json"))
    assert found["figures"][-1]["steering_type"] == "drifting"
