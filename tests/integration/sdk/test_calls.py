"""The specification's calls on the real API, and what bad input gets."""

from pathlib import Path
from typing import Any

import pytest

from hephaestus_sdk import (
    HephaestusClient,
    HephaestusSDK,
    InvalidPhaseError,
    Phase,
    TaskCreationError,
    TaskNotFoundError,
    WorkflowDefinition,
)
from hephaestus_sdk.errors import (
    HephaestusError,
    HephaestusStartupError,
    InvalidInput,
    NotFound,
    TransitionRefused,
    Unauthenticated,
    UnknownParameter,
)
from tests.integration.git.making import Repo
from tests.integration.sdk.commands import ABSENT
from tests.integration.sdk.conftest import PHASES, Players
from tests.web_server import ADMIN, WebServer
from workflows.bug_fix import BUG_FIX_DEFINITION
from workflows.prd_to_software import PRD_DEFINITION

BUG = {"bug_title": "Off by one", "bug_description": "One too many", "severity": "High"}


def test_single_workflow_mode(sdk: HephaestusSDK) -> None:
    task_id = sdk.create_task("Do the thing", phase_id=1, agent_id="main-session-agent")
    task = sdk.get_task(task_id)
    assert task.workflow_id == sdk.workflow_id
    assert (task.description, task.phase_id, task.phase_name) == ("Do the thing", 1, "recon")
    assert (task.priority, task.status) == ("medium", "queued")
    assert "Seen" in task.done_definition
    assert task.created_by == "admin: main-session-agent"
    assert task.created_at is not None
    later = sdk.create_task("Then this", phase_id=1, after=[task_id[:12]], done_definition="it too")
    then = sdk.client.task(later)
    assert (then.status, [each.id for each in then.after]) == ("pending", [task_id])
    assert "Seen" in then.done_definition
    assert then.done_definition.endswith("\nit too"), "it is added to that of the phase"


def test_a_list_of_phases_is_offered_to_nobody_and_can_be_deleted(sdk: HephaestusSDK) -> None:
    assert sdk.workflow_id is not None
    own = sdk.get_workflow(sdk.workflow_id).definition_id
    assert own in {each.id for each in sdk.list_workflow_definitions()}
    assert own not in {each.id for each in sdk.client.definitions(offered_only=True)}
    assert sdk.client.delete_definition(own).id == own
    assert own not in {each.id for each in sdk.list_workflow_definitions()}
    assert sdk.get_task(sdk.create_task("Go on")).status == "queued"
    with pytest.raises(NotFound, match=own):
        sdk.client.delete_definition(own)


def test_the_first_phase_is_the_default(sdk: HephaestusSDK) -> None:
    assert sdk.get_task(sdk.create_task("Look")).phase_id == 1


def test_a_second_program_with_the_same_phases_shares_the_definition_not_the_workflow(
    sdk: HephaestusSDK, api_url: str, token: str
) -> None:
    with HephaestusSDK(
        phases=PHASES, main_repo_path="https://a.example/r", url=api_url, token=token
    ) as other:
        assert other.workflow_id != sdk.workflow_id
        ids = [definition.id for definition in other.list_workflow_definitions()]
        assert len(ids) == len(set(ids))


def test_a_second_start_knows_nothing_of_the_first(sdk: HephaestusSDK) -> None:
    first = sdk.workflow_id
    sdk.create_task("x")
    sdk.shutdown()
    assert sdk.workflow_id is None
    sdk.start()
    assert sdk.workflow_id not in {None, first}
    sdk.stop_workflow(str(sdk.workflow_id))
    # The first one's task goes on, and is nothing that this start waits for.
    assert [w.workflow_id for w in sdk.wait_for_completion(timeout=5).workflows] == [
        sdk.workflow_id
    ]


def test_several_definitions_and_a_launch(api_url: str, token: str) -> None:
    with HephaestusSDK(
        workflow_definitions=[PRD_DEFINITION, BUG_FIX_DEFINITION],
        main_repo_path="https://a.example/r",
        url=api_url,
        token=token,
    ) as sdk:
        assert {"bug-fix", "prd-to-software"} <= {d.id for d in sdk.list_workflow_definitions()}
        workflow_id = sdk.start_workflow("bug-fix", "Fix it", launch_params=BUG)
        workflow = sdk.get_workflow(workflow_id)
        assert workflow.repository == "https://a.example/r"
        assert [phase.name for phase in workflow.phases] == ["prove", "fix", "verify"]
        [first] = sdk.get_tasks(workflow_id=workflow_id)
        assert first.id == workflow.initial_task_id
        assert "# Off by one" in first.description
        assert "Severity: High" in first.description
        assert (first.phase_id, first.priority) == (1, "high")
        # With one workflow of its own, calls that name none mean that one.
        sdk.create_task("And this", phase_id=2)
        assert [t.phase_id for t in sdk.get_tasks(workflow_id=workflow_id, phase_id=2)] == [2]
        assert sdk.get_tasks("queued", workflow_id=workflow_id)
        assert sdk.get_tasks("done", workflow_id=workflow_id) == []
        assert workflow_id in [w.id for w in sdk.list_workflows("active")]
        sdk.start_workflow("bug-fix", launch_params=BUG)
        with pytest.raises(InvalidInput, match="several run"):
            sdk.create_task("For which?")


def test_tasks_are_those_of_the_workflows_that_the_sdk_started(sdk: HephaestusSDK) -> None:
    with HephaestusClient(sdk.url, ADMIN) as client:
        foreign = client.start_workflow(
            sdk.get_workflow(str(sdk.workflow_id)).definition_id,
            main_repo_path="https://a.example/r",
            base_branch="main",
            tasks_follow=True,
        )
        client.create_task(foreign.id, "not ours", 1)
    first = sdk.create_task("# Ours\nto do")
    second = sdk.create_task("more", title="Named")
    assert [(task.id, task.title) for task in sdk.get_tasks()] == [
        (second, "Named"),
        (first, "Ours"),
    ]
    other = sdk.start_workflow(foreign.definition_id, title="The other\none")
    third = sdk.create_task_in_workflow(other, "third")
    assert sdk.get_workflow(other).title == "The other"
    assert [task.id for task in sdk.get_tasks()] == [third, second, first]
    assert [task.title for task in sdk.get_tasks(workflow_id=foreign.id)] == ["not ours"]


def test_a_definition_comes_back_as_it_was_written(api_url: str, token: str) -> None:
    with HephaestusClient(api_url, token) as client:
        assert client.register(BUG_FIX_DEFINITION) == BUG_FIX_DEFINITION
        assert client.definition("bug-fix") == BUG_FIX_DEFINITION


@pytest.mark.parametrize(
    ("options", "field", "says"),
    [
        ({"priority": "urgent"}, "priority", "priority"),
        ({"description": "x" * 200_001}, "description", "200,000"),
        ({"description": " "}, "description", "description"),
        ({"cli_tool": "cladue"}, "cli_tool", "claude"),
    ],
)
def test_a_refused_task_names_the_field_and_changes_nothing(
    sdk: HephaestusSDK, options: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(TaskCreationError) as caught:
        sdk.create_task(**{"description": "x", **options})
    assert caught.value.code == "invalid_input"
    assert caught.value.field == field
    assert says in caught.value.message
    assert sdk.get_tasks(workflow_id=sdk.workflow_id) == []


def test_a_phase_that_is_not_there(sdk: HephaestusSDK, api_url: str, token: str) -> None:
    with pytest.raises(InvalidPhaseError, match="1 recon, 2 report"):
        sdk.create_task("x", phase_id=7)
    assert sdk.workflow_id is not None
    with HephaestusClient(api_url, token) as client, pytest.raises(InvalidPhaseError):
        client.create_task(sdk.workflow_id, "x", 7)


def test_text_reaches_the_task_as_it_is(sdk: HephaestusSDK) -> None:
    text = "$(rm -rf /) `id`; 'quoted' \"twice\" && <b>ünïcode</b> 日本\n{not_a_param}"
    assert sdk.get_task(sdk.create_task(text)).description == text


def test_launch_parameters_are_checked_on_both_sides(api_url: str, token: str) -> None:
    wrong = {**BUG, "severty": "High"}
    with HephaestusSDK(
        workflow_definitions=[BUG_FIX_DEFINITION],
        main_repo_path="https://a.example/r",
        url=api_url,
        token=token,
    ) as sdk:
        before = len(sdk.list_workflows())
        with pytest.raises(UnknownParameter, match="did you mean 'severity'"):
            sdk.start_workflow("bug-fix", launch_params=wrong)
        with pytest.raises(UnknownParameter, match="did you mean 'severity'"):
            sdk.client.start_workflow(
                "bug-fix", launch_params=wrong, main_repo_path="https://a.example/r"
            )
        with pytest.raises(InvalidInput, match="bug_title"):
            sdk.start_workflow("bug-fix", launch_params={"bug_description": "x"})
        with pytest.raises(NotFound):
            sdk.start_workflow("bug-fixx")
        assert len(sdk.list_workflows()) == before


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk: sdk.get_task(ABSENT),
        lambda sdk: sdk.get_task("no-uuid"),
        lambda sdk: sdk.cancel_task(ABSENT),
        lambda sdk: sdk.wait_for_task(ABSENT),
    ],
)
def test_a_task_that_is_not_there(sdk: HephaestusSDK, call: Any) -> None:
    with pytest.raises(TaskNotFoundError):
        call(sdk)


def test_a_workflow_that_is_not_there(sdk: HephaestusSDK) -> None:
    with pytest.raises(NotFound):
        sdk.get_workflow(ABSENT)
    with pytest.raises(NotFound):
        sdk.wait_for_completion(ABSENT, timeout=5)
    with pytest.raises(TaskCreationError) as caught:
        sdk.create_task_in_workflow(ABSENT, "x", 1)
    assert caught.value.code == "not_found"


def test_cancel_restart_and_bump(sdk: HephaestusSDK) -> None:
    task_id = sdk.create_task("x")
    assert sdk.bump_task(task_id).boosted
    assert sdk.cancel_task(task_id, "not needed").status == "cancelled"
    with pytest.raises(HephaestusError, match="only a queued task"):
        sdk.bump_task(task_id)
    with pytest.raises(TransitionRefused):
        sdk.cancel_task(task_id)
    assert sdk.restart_task(task_id).status == "queued"


def test_a_stopped_workflow_takes_no_more_work(sdk: HephaestusSDK) -> None:
    assert sdk.workflow_id is not None
    assert sdk.stop_workflow(sdk.workflow_id, "enough").status == "stopped"
    with pytest.raises(TaskCreationError) as caught:
        sdk.create_task("too late")
    assert caught.value.code == "workflow_closed"


def test_output_is_read_from_an_offset(
    sdk: HephaestusSDK, players: Players, web: WebServer
) -> None:
    sdk.create_task("x")
    agent_id = str(players.of(sdk.workflow_id).claimed().id)
    log = web.home / "host" / "agents" / agent_id / "pane.log"
    log.parent.mkdir(parents=True)
    log.write_text("hello\nwörld\n")
    first = sdk.client.agent_output(agent_id, limit=6)
    assert (first.text, first.complete) == ("hello\n", False)
    assert sdk.client.agent_output(agent_id, offset=first.next_offset).text == "wörld\n"


def test_agents_hosts_and_messages(sdk: HephaestusSDK, players: Players) -> None:
    task_id = sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    claimed = engine.run(engine.claimed())
    agent_id = str(claimed.id)
    [agent] = sdk.client.agents(workflow_id=sdk.workflow_id)
    assert (agent.id, agent.task_id, agent.host) == (agent_id, task_id, "a")
    assert sdk.get_task(task_id).attempts == (sdk.client.agent(agent_id),)
    sdk.send_message(agent_id, "look at `README.md` too")
    assert "a" in [host.name for host in sdk.client.hosts()]
    assert sdk.client.drain_host("a").draining
    assert not sdk.client.drain_host("a", drain=False).draining
    engine.finish(claimed)
    assert sdk.client.agents(workflow_id=sdk.workflow_id) == []
    assert len(sdk.client.agents(workflow_id=sdk.workflow_id, live=False)) == 1
    with pytest.raises(HephaestusError):
        sdk.send_message(agent_id, "too late")


def test_the_queue_in_order(sdk: HephaestusSDK) -> None:
    last = sdk.create_task("later", priority="low")
    first = sdk.create_task("first", priority="critical")
    queue = sdk.client.queue()
    assert [task.id for task in queue.items] == [first, last]
    assert queue.queued == 2
    assert [task.queue_position for task in queue.items] == [1, 2]


def test_more_tasks_than_one_page(sdk: HephaestusSDK) -> None:
    created = {sdk.create_task(f"task {n}") for n in range(205)}
    assert {task.id for task in sdk.get_tasks(workflow_id=sdk.workflow_id)} == created


@pytest.mark.parametrize("token", ["wrong", "heph_admin_for_testx"])
def test_a_wrong_token(api_url: str, token: str) -> None:
    with pytest.raises(Unauthenticated):
        HephaestusSDK(phases=PHASES, url=api_url, token=token).start()


def test_a_start_that_fails_leaves_nothing(api_url: str, token: str) -> None:
    refused = HephaestusSDK(
        phases=PHASES,
        main_repo_path="https://a.example/r",
        url=api_url,
        token="wrong",
    )
    with pytest.raises(Unauthenticated):
        refused.start()
    assert not refused.running
    with pytest.raises(HephaestusStartupError):
        HephaestusSDK(phases=PHASES, url="http://127.0.0.1:9", token=token).start(timeout=0)


def test_health(sdk: HephaestusSDK) -> None:
    assert sdk.is_healthy() == {"api": True, "database": True, "redis": True, "overall": True}


def test_events_in_order_and_after_a_number(sdk: HephaestusSDK) -> None:
    task_id = sdk.create_task("x")
    found = list(sdk.events(workflow_id=sdk.workflow_id, timeout=0.2))
    assert [event.seq for event in found] == sorted({event.seq for event in found})
    [created] = [event for event in found if event.type == "task.created"]
    assert created.task_id == task_id
    assert created.at is not None
    later = list(sdk.events(after=created.seq, workflow_id=sdk.workflow_id, timeout=0.2))
    assert later == [event for event in found if event.seq > created.seq]


def test_settings_travel_with_a_launch(api_url: str, token: str, tmp_path: Path) -> None:
    repository = Repo.make(tmp_path / "repository")
    repository.commit({"api/app.py": "1"})
    repository.git("branch", "trunk")
    with HephaestusSDK(
        workflow_definitions=[
            WorkflowDefinition("plain", "Plain", [Phase(id=1, name="a", description="b")])
        ],
        working_directory=str(repository.path / "api"),
        main_repo_path=str(repository.path),
        base_branch="trunk",
        auto_merge=False,
        conflict_resolution="manual",
        url=api_url,
        token=token,
    ) as sdk:
        workflow = sdk.get_workflow(sdk.start_workflow("plain", max_agents=3))
    assert workflow.repository == str(repository.path)
    assert workflow.working_directory == "api"
    assert (workflow.base_branch, workflow.auto_merge) == ("trunk", False)
    assert (workflow.conflict_resolution, workflow.max_agents) == ("manual", 3)


def test_a_stack_elsewhere_gets_the_program_and_says_what_it_does_not_take(
    api_url: str, token: str
) -> None:
    sdk = HephaestusSDK(
        workflow_definitions=[
            WorkflowDefinition("plain", "Plain", [Phase(id=1, name="a", description="b")])
        ],
        default_cli_tool="codex",
        mcp_port=8000,
        monitoring_interval=30,
        url=api_url,
        token=token,
    )
    with pytest.warns(UserWarning, match="^mcp_port, monitoring_interval: no effect") as caught:
        sdk.start()
    assert caught[0].filename == __file__
    assert sdk.client.definition("plain").phases[0].cli_tool == "codex"
    sdk.shutdown()


def test_a_full_phase_takes_one_more_task_only_if_asked_for(sdk: HephaestusSDK) -> None:
    definition = WorkflowDefinition(
        id="two-parts",
        name="Two parts",
        phases=[Phase(id=1, name="build", description="Build it", most_tasks=2)],
    )
    sdk.client.register(definition)
    workflow = sdk.start_workflow("two-parts", description="Both")
    for part in ("the first part", "the second part"):
        sdk.create_task_in_workflow(workflow, part, 1)
    with pytest.raises(TaskCreationError, match="Phase 1 has 2 tasks.*beyond_limit") as refused:
        sdk.create_task("a third part", 1, workflow_id=workflow)
    assert refused.value.code == "limit_reached"
    sdk.create_task("a third part", 1, workflow_id=workflow, beyond_limit=True)
