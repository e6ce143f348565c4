"""Messages in the broker that are no bells: a worker drops them and goes on."""

import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from hephaestus_core.bells import BROKER_KEY_PREFIX, CONTROL_QUEUE, CeleryTaskName, host_queue
from tests.e2e.scripts import task
from tests.e2e.stack import DEFINITION, HOST, Stack, running_stack
from tests.waiting import wait_until


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path) as running:
        yield running


def bell(tag: str, **changes: Any) -> bytes:
    """Return a message as Celery sends it, with changes to its parts."""
    properties = {
        "delivery_tag": tag,
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": CONTROL_QUEUE},
        "priority": 0,
        "body_encoding": "base64",
        "correlation_id": tag,
    }
    body = json.dumps([[], {}, {"callbacks": None, "errbacks": None}]).encode()
    message = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": CeleryTaskName.RECONCILE_HOST, "id": tag},
        "properties": properties | changes.pop("properties", {}),
    }
    return json.dumps(message | changes).encode()


UNREADABLE = [
    b"no JSON",
    b"\xff\xfe\x00",
    b"",
    b"5",
    b"null",
    b"[1, 2]",
    b"[" * 100_000,
    b"{}",
    b'{"properties": {}}',
    b'{"properties": 5}',
    b'{"properties": {"delivery_tag": [1]}}',
    b'{"properties": {"delivery_tag": "a"}, "headers": 5}',
    bell("no-body", body=None),
    bell("no-base64", body="\u00e4"),
    bell("no-encoding", properties={"body_encoding": "rot13"}),
    bell("no-list", body=base64.b64encode(b'"text"').decode()),
    bell("no-pickle", **{"content-type": "application/x-python-serialize"}),
    bell("no-headers", headers=None),
    bell("list", headers=[1]),
    bell("no-id", headers={"task": "unknown"}),
    bell("unhashable", headers={"task": ["x"], "id": "1"}),
    bell("too-many", body=base64.b64encode(b"[[1, 2, 3], {}, {}]").decode()),
]


def test_what_is_no_bell_does_not_end_a_worker(stack: Stack) -> None:
    before = stack.pid("worker")
    with contextlib.closing(redis.Redis.from_url(stack.recorded["redis_url"])) as client:
        queues = [f"{BROKER_KEY_PREFIX}{name}" for name in (host_queue(HOST), CONTROL_QUEUE)]
        for queue in queues:
            for message in UNREADABLE:
                client.lpush(queue, message)
        client.lpush(queues[0], bell("good"))
        wait_until(
            lambda: not any(client.llen(queue) for queue in queues),
            timeout=60,
            what="all messages are taken",
        )
        unacked = f"{BROKER_KEY_PREFIX}unacked"
        wait_until(lambda: not client.hlen(unacked), timeout=30, what="none comes again")
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    made = stack.sdk.create_task_in_workflow(workflow, task("Go on", "done: it went on"))
    assert stack.sdk.wait_for_task(made, timeout=30).status == "done"
    assert stack.pid("worker") == before
    assert "bell_unreadable" in stack.log("worker")
