"""What stands in for a program that fails, and which host gets a task with which program."""

from typing import Any

import pytest
from sqlalchemy import text

from hephaestus_core.agents import leases
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.definitions import service as workflows
from hephaestus_core.guardian.liveness import Observation
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.hosts.service import list_hosts
from hephaestus_core.tasks import service as tasks
from tests.engine import PHASES, Engine

MISSING = Trouble("permanent", "claude is not installed", program_failed=True)
USED_UP = Trouble("quota", "used up", program_failed=True)


def define(engine: Engine, *, config: dict[str, Any] | None = None, **phase: Any) -> None:
    definition = {"id": "wf", "name": "W", "phases": [{**PHASES[0], **phase}, PHASES[1]]}
    workflows.save_definition(engine.db, {**definition, "config": config or {}})


def start(engine: Engine, *, config: dict[str, Any] | None = None, **phase: Any) -> None:
    define(engine, config=config, **phase)
    engine.launch()


def make_due(engine: Engine) -> None:
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))


def test_each_failed_program_makes_place_for_the_next_without_a_wait(engine: Engine) -> None:
    start(engine, cli_tool="claude", cli_model="opus", cli_fallback=["codex", "scripted:x:y"])
    task = engine.create()

    ran = []
    for trouble in (MISSING, USED_UP, None):
        agent = engine.claimed()
        ran.append((agent.program, agent.model, agent.stands_in_for))
        if trouble:
            engine.end(agent, commit=None, failure=trouble)

    assert ran == [
        ("claude", "opus", None),
        ("codex", None, "claude:opus"),
        ("scripted", "x:y", "claude:opus"),
    ]
    engine.finish(engine.run(agent))
    assert engine.status(task) == "done"


def test_a_task_with_another_program_does_not_get_the_phases_model(engine: Engine) -> None:
    start(engine, cli_tool="claude", cli_model="opus")
    engine.create(cli_tool="codex")
    agent = engine.claimed()
    assert (agent.program, agent.model) == ("codex", None)


def test_when_all_are_used_up_the_last_ones_policy_counts_and_the_first_begins_anew(
    engine: Engine,
) -> None:
    start(engine, cli_tool="claude", cli_fallback=["codex"])
    task = engine.create()
    for _ in range(2):
        engine.end(engine.claimed(), commit=None, failure=USED_UP)
    waiting = tasks.get_task(engine.db, task.id)
    assert (waiting.status, waiting.due_at is not None) == ("queued", True)

    make_due(engine)
    assert engine.claimed().program == "claude"


def test_when_all_are_missing_the_task_has_failed(engine: Engine) -> None:
    start(engine, cli_tool="claude", cli_fallback=["codex"])
    task = engine.create()
    for _ in range(2):
        engine.end(engine.claimed(), commit=None, failure=MISSING)
    assert engine.status(task) == "failed"


def test_what_is_not_the_programs_fault_changes_no_program(engine: Engine) -> None:
    start(engine, cli_tool="claude", cli_fallback=["codex"])
    engine.create()
    engine.end(engine.claimed(), commit=None, failure=USED_UP)
    engine.end(engine.claimed(), commit=None, failure=Trouble("transient", "killed"))
    make_due(engine)
    again = engine.claimed()
    assert (again.program, again.stands_in_for) == ("codex", "claude")


@pytest.mark.parametrize(
    ("phase", "workflow", "host", "second"),
    [
        (["codex"], ["droid"], ("opencode",), "codex"),
        (None, ["droid"], ("opencode",), "droid"),
        (None, None, ("opencode",), "opencode"),
        ([], ["droid"], ("opencode",), None),
    ],
)
def test_the_phase_goes_before_the_workflow_and_that_before_the_host(
    engine: Engine,
    phase: list[str] | None,
    workflow: list[str] | None,
    host: tuple[str, ...],
    second: str | None,
) -> None:
    engine.fallback = host
    start(engine, config={"cli_fallback": workflow}, cli_fallback=phase)
    engine.create()
    engine.end(engine.claimed(), commit=None, failure=MISSING)
    following = engine.claim()
    assert (following and following.program) == second


def test_a_quota_seen_on_the_screen_ends_the_attempt_and_counts(engine: Engine) -> None:
    start(engine, cli_tool="claude", cli_fallback=["codex"])
    engine.create()
    agent = engine.run(engine.claimed())
    for _ in range(2):
        record_observation(engine.db, agent.id, Observation(waiting=True, trouble=USED_UP))
    assert agents.get_agent(engine.db, agent.id).status == "stopping"
    engine.end(agent, failure=Trouble("transient", "its session vanished"))
    assert agents.get_agent(engine.db, agent.id).failure_class == "quota"
    assert engine.claimed().program == "codex"


def test_a_host_takes_only_what_its_programs_can_do(engine: Engine) -> None:
    engine.with_host("a", programs=("scripted",)).with_host("b", programs=("claude", "scripted"))
    start(engine, cli_tool="claude")
    first, second = engine.create(), engine.create(cli_tool="scripted")
    tasks.bump_task(engine.db, first.id)

    assert engine.claimed("a").task_id == second.id
    assert engine.claim("a") is None
    assert engine.claimed("b").task_id == first.id


def test_what_no_host_can_do_is_claimed_and_can_fail_at_once(engine: Engine) -> None:
    engine.with_host("a", programs=("scripted",)).with_host("b", programs=("claude",))
    start(engine, cli_tool="claude")
    engine.create()
    assert engine.claim("a") is None
    with engine.db.transaction() as session:
        session.execute(
            text("UPDATE hosts SET last_seen_at = now() - interval '2 hours' WHERE name = 'b'")
        )
    assert engine.claimed("a").program == "claude"


def test_a_host_that_may_not_take_the_task_keeps_no_other_from_it(engine: Engine) -> None:
    engine.with_host("a", labels=("gpu",)).with_host("b", programs=("claude",))
    start(engine, cli_tool="claude", host_labels=["gpu"])
    engine.create()
    assert engine.claim("b") is None
    assert engine.claimed("a").program == "claude"


def test_a_program_that_a_host_gained_is_known_from_its_next_sign_of_life(engine: Engine) -> None:
    with pytest.raises(InvalidInput, match="agent_programs"):
        define(engine, cli_tool="aider")
    leases.renew(engine.db, "a", lease_seconds=60, programs=["aider", "scripted"])
    leases.renew(engine.db, "a", lease_seconds=60, programs=["aider", "scripted"])
    define(engine, cli_tool="aider", cli_fallback=["scripted"])
    assert [host.programs for host in list_hosts(engine.db)] == [["aider", "scripted"]]
    assert len(engine.events("host.programs_changed")) == 1
