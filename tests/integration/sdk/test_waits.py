"""Waits: what ends them, what they carry when they run out, and a web process that dies."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from hephaestus_core.changes import service as changes
from hephaestus_core.results import service as results
from hephaestus_sdk import HephaestusClient, HephaestusSDK, TaskTimeoutError
from hephaestus_sdk.errors import InvalidInput
from hephaestus_sdk.waiting.progress import NoDisplay
from hephaestus_sdk.waiting.waits import Waits
from tests.engine import Engine
from tests.integration.sdk.conftest import Players
from tests.waiting import wait_until
from tests.web_server import WebServer

T = TypeVar("T")
#: Seconds by which a wait that follows events has to end; one that polls every 25 s would not.
PROMPTLY = 5.0


class Waiting(Generic[T]):
    """A wait in another thread."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._outcome: list[T | BaseException] = []
        self.thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self.thread.start()

    def _run(self, call: Callable[[], T]) -> None:
        try:
            self._outcome.append(call())
        except BaseException as error:
            self._outcome.append(error)

    def outcome(self, timeout: float = PROMPTLY) -> T:
        self.thread.join(timeout)
        assert self._outcome, f"still waiting after {timeout} s"
        if isinstance(self._outcome[0], BaseException):
            raise self._outcome[0]
        return self._outcome[0]


def is_connected(web: WebServer) -> bool:
    """Whether the SDK's own connection to the web process is open."""
    port = urlsplit(web.url).port
    return any(
        item.status == psutil.CONN_ESTABLISHED and item.raddr.port == port
        for item in psutil.Process().net_connections("tcp")
    )


def children(web: WebServer) -> list[psutil.Process]:
    return psutil.Process(web.process.pid).children(recursive=True)


def test_completion_ends_when_the_last_merge_is_in(
    sdk: HephaestusSDK, players: Players, web: WebServer
) -> None:
    for number in range(3):
        sdk.create_task(f"task {number}")
    waiting = Waiting(lambda: sdk.wait_for_completion(timeout=60))
    players.finish(sdk.workflow_id, tasks=2)
    assert waiting.thread.is_alive()
    players.finish(sdk.workflow_id)
    deliver(players.of(sdk.workflow_id))
    summary = waiting.outcome()
    assert summary.finished
    assert summary.succeeded
    assert summary.tasks["done"] == summary.tasks["total"] == 3
    assert len(summary.durations) == 3
    assert "3 of 3 done" in str(summary)


def deliver(engine: Engine) -> None:
    """Play the host that brings the integration branch to the base branch."""
    for job in changes.due_deliveries(engine.db):
        changes.record_delivery(engine.db, job, status="delivered", reason=None, commit="d")


def test_work_that_is_done_already_is_not_waited_for(sdk: HephaestusSDK, players: Players) -> None:
    sdk.create_task("x")
    players.finish(sdk.workflow_id)
    deliver(players.of(sdk.workflow_id))
    began = time.monotonic()
    assert sdk.wait_for_completion().finished
    assert sdk.wait_for_completion(sdk.workflow_id, timeout=1).finished
    assert time.monotonic() - began < 10  # a wait for events lasts 25 s


def test_a_workflow_without_a_task_is_not_waited_for(sdk: HephaestusSDK) -> None:
    for wait in (sdk.wait_for_completion, sdk.wait_for_result):
        with pytest.raises(InvalidInput, match="has no task yet; create one first"):
            wait(timeout=0.3)
    other = sdk.start_workflow(sdk.get_workflow(str(sdk.workflow_id)).definition_id)
    sdk.create_task("x")
    with pytest.raises(InvalidInput, match=f"workflow {other} has no task yet"):
        sdk.wait_for_completion(timeout=0.3)
    sdk.stop_workflow(other)
    assert sdk.wait_for_completion(other, timeout=5).finished


def test_a_wait_that_runs_out_carries_the_progress(sdk: HephaestusSDK, players: Players) -> None:
    for name in ("x", "y"):
        sdk.create_task(name)
    players.finish(sdk.workflow_id)
    with pytest.raises(TaskTimeoutError, match="1 of 2 tasks done") as caught:
        sdk.wait_for_completion(timeout=0.3)
    assert caught.value.progress is not None
    assert caught.value.progress.tasks["done"] == 1
    assert isinstance(caught.value, TimeoutError)


def test_the_progress_tells_of_all_workflows_that_were_waited_for(sdk: HephaestusSDK) -> None:
    other = sdk.start_workflow(sdk.get_workflow(str(sdk.workflow_id)).definition_id)
    sdk.create_task("x")
    sdk.create_task_in_workflow(other, "y")
    with pytest.raises(TaskTimeoutError, match="0 of 2 tasks done") as caught:
        sdk.wait_for_completion(timeout=0.1)
    progress = caught.value.progress
    assert progress is not None
    assert {item.workflow_id for item in progress.workflows} == {sdk.workflow_id, other}


def test_a_wait_for_a_result_that_runs_out_says_so(judged: HephaestusSDK) -> None:
    judged.create_task("x")
    with pytest.raises(TaskTimeoutError, match=r"no result after 0\.1 s: 0 of 1 tasks done"):
        judged.wait_for_result(timeout=0.1)


def test_a_task(sdk: HephaestusSDK, players: Players) -> None:
    task_id = sdk.create_task("x")
    waiting = Waiting(lambda: sdk.wait_for_task(task_id, timeout=60))
    players.finish(sdk.workflow_id)
    assert waiting.outcome().status == "done"
    assert sdk.wait_for_task(task_id, timeout=0).status == "done"
    with pytest.raises(TaskTimeoutError, match="still queued"):
        sdk.wait_for_task(sdk.create_task("y"), timeout=0.2)


def submit(engine: Engine) -> None:
    """Play an agent that hands in a result and reports done."""
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="It works", evidence=["42 passed"])
    engine.finish(author)


def judge(engine: Engine, *, passed: bool) -> None:
    """Play the agent that judges it."""
    reviewer = engine.run(engine.claimed())
    results.judge(engine.db, reviewer.id, passed=passed, feedback="looked at it")
    if passed:  # stop_all has ended the reviewer's task with all others
        engine.end(reviewer)
    else:
        engine.finish(reviewer)


def test_an_accepted_result_ends_the_wait(judged: HephaestusSDK, players: Players) -> None:
    judged.create_task("x")
    waiting = Waiting(lambda: judged.wait_for_result(timeout=60))
    engine = players.of(judged.workflow_id)
    submit(engine)
    assert waiting.thread.is_alive()
    judge(engine, passed=True)
    result = waiting.outcome()
    assert result.validated
    assert result.text == "It works"
    assert "42 passed" in result.evidence


def test_a_rejected_result_does_not_end_the_wait_while_work_goes_on(
    judged: HephaestusSDK, players: Players
) -> None:
    judged.create_task("first")
    judged.create_task("second", priority="low")
    waiting = Waiting(lambda: judged.wait_for_result(timeout=60))
    engine = players.of(judged.workflow_id)
    submit(engine)
    judge(engine, passed=False)
    waiting.thread.join(0.5)
    assert waiting.thread.is_alive(), "the second task is still to come"
    engine.finish(engine.run(engine.claimed()))
    result = waiting.outcome()
    assert (result.status, result.validated) == ("rejected", False)


def test_quiet_without_a_result(judged: HephaestusSDK, players: Players) -> None:
    judged.create_task("x")
    waiting = Waiting(lambda: judged.wait_for_result(timeout=60))
    players.finish(judged.workflow_id)
    result = waiting.outcome()
    assert (result.status, result.validated) == ("missing", False)
    assert "1 of 1 tasks are done" in result.text


def test_without_a_config_work_alone_is_no_result(sdk: HephaestusSDK, players: Players) -> None:
    sdk.create_task("Review PR #123", phase_id=1)
    players.finish(sdk.workflow_id)
    deliver(players.of(sdk.workflow_id))
    result = sdk.wait_for_result(timeout=60)
    assert (result.status, result.validated) == ("missing", False)
    assert result.text == "No agent submitted a result; 1 of 1 tasks are done."


@pytest.mark.parametrize("passed", [True, False])
def test_without_a_config_a_result_is_taken_and_judged(
    sdk: HephaestusSDK, players: Players, *, passed: bool
) -> None:
    sdk.create_task("Review PR #123", phase_id=1)
    engine = players.of(sdk.workflow_id)
    submit(engine)
    judge(engine, passed=passed)
    engine.merge_due()
    deliver(engine)
    assert sdk.wait_for_result(timeout=60).validated is passed
    assert sdk.wait_for_completion(timeout=60).succeeded is passed


def test_all_workflows_of_an_sdk_are_waited_for(sdk: HephaestusSDK, players: Players) -> None:
    assert sdk.workflow_id is not None
    definition_id = sdk.get_workflow(sdk.workflow_id).definition_id
    other = sdk.start_workflow(definition_id)
    sdk.create_task("x")
    sdk.create_task_in_workflow(other, "y")
    waiting = Waiting(lambda: sdk.wait_for_completion(timeout=60))
    players.finish(sdk.workflow_id)
    deliver(players.of(sdk.workflow_id))
    waiting.thread.join(0.3)
    assert waiting.thread.is_alive()
    players.finish(other)
    deliver(players.of(other))
    assert {item.workflow_id for item in waiting.outcome().workflows} == {sdk.workflow_id, other}


def test_a_stopped_workflow_ends_the_wait(sdk: HephaestusSDK) -> None:
    sdk.create_task("x")
    waiting = Waiting(lambda: sdk.wait_for_completion(timeout=60))
    assert sdk.workflow_id is not None
    sdk.stop_workflow(sdk.workflow_id)
    summary = waiting.outcome()
    assert summary.finished
    assert not summary.succeeded


def test_a_wait_outlives_the_web_process(
    sdk: HephaestusSDK, players: Players, web: WebServer
) -> None:
    sdk.create_task("x")
    waiting = Waiting(lambda: sdk.wait_for_completion(timeout=60))
    wait_until(lambda: is_connected(web), what="the wait asks for events")
    killed = children(web)
    for process in killed:
        process.kill()
    psutil.wait_procs(killed, timeout=10)
    players.finish(sdk.workflow_id)
    deliver(players.of(sdk.workflow_id))
    assert waiting.outcome(timeout=20).finished


class LosesFirstAnswer(httpx.HTTPTransport):
    """Lets the server act on the first POST, and loses its answer on the way back."""

    lost = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if request.method == "POST" and not self.lost:
            self.lost = True
            answer.read()
            raise httpx.ReadError("lost on the way back", request=request)
        return answer


def test_a_creation_whose_answer_is_lost_happens_once(
    sdk: HephaestusSDK, api_url: str, token: str
) -> None:
    assert sdk.workflow_id is not None
    transport = LosesFirstAnswer()
    with HephaestusClient(api_url, token, transport=transport) as client:
        task = client.create_task(sdk.workflow_id, "only once", 1)
    assert transport.lost
    assert [item.id for item in sdk.get_tasks(workflow_id=sdk.workflow_id)] == [task.id]


class Counts(httpx.HTTPTransport):
    """Counts the requests that it carries, and how many events each answer about them had."""

    def __init__(self) -> None:
        super().__init__()
        self.carried = 0
        self.events: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.carried += 1
        answer = super().handle_request(request)
        if request.url.path.endswith("/events"):
            answer.read()
            self.events.append(len(answer.json()["items"]))
        return answer


def test_a_wait_in_which_nothing_happens_asks_for_nothing(
    sdk: HephaestusSDK, api_url: str, token: str
) -> None:
    task_id = sdk.create_task("x")
    transport = Counts()
    with HephaestusClient(api_url, token, transport=transport) as client:
        waits = Waits(client, NoDisplay)
        with pytest.raises(TaskTimeoutError):
            waits.for_task(task_id, timeout=1)
    assert transport.events.count(0) == 1, "what has no news is held back until the wait is over"
    # The task at first and after each answer about events, and the progress at the end.
    assert transport.carried <= 2 + 2 * len(transport.events)
