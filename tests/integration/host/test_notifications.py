"""Channels are told once of what waits for people, whatever receivers and senders do."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import Trouble
from hephaestus_core.attention import service as attention
from hephaestus_core.notifications import rules, service
from hephaestus_core.notifications.views import NotificationView
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.notifications.sending import notify
from tests.integration.host.conftest import Host
from tests.receiver import Received, Receiver, receiver
from tests.waiting import wait_until

KEY = bytes(range(32))


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def machine(host: Host, hook: Receiver, tmp_path: Path) -> Machine:
    return worker(host, tmp_path, ops=webhook(tmp_path, hook.url))


def webhook(folder: Path, url: str, **more: str) -> dict[str, str]:
    file = folder / "hook.secret"
    file.write_text("whsec_" + base64.b64encode(KEY).decode())
    file.chmod(0o600)
    return {"type": "webhook", "url": url, "secret_file": str(file), **more}


def worker(host: Host, _: Path, **channels: Any) -> Machine:
    host.settings = replace(
        host.settings, notification_channels=channels, notification_group_seconds=0.0
    )
    return host.worker()


def failed(host: Host, *names: str) -> None:
    """Let tasks fail for good; each is an item of the list."""
    for name in names:
        host.engine.create(f"Mend the {name}", title=f"Mend the {name}")
        agent = host.engine.run(host.engine.claimed())
        host.engine.end(agent, failure=Trouble("permanent", "no such model"))


def items(request: Received, kind: str = "task_failed") -> list[dict[str, Any]]:
    return [i for i in json.loads(request.body)["data"]["items"] if i["kind"] == kind]


def told(request: Received) -> list[str]:
    return [item["title"] for item in items(request)]


def messages(host: Host, status: str) -> list[NotificationView]:
    return [
        each
        for each in service.notifications(host.engine.db).messages
        if each.status == status and each.tries
    ]


def wait_for(host: Host, status: str, count: int = 1) -> NotificationView:
    found = wait_until(
        lambda: (now := messages(host, status))[: len(now) if len(now) >= count else 0],
        timeout=60,
        what=f"{count} messages are {status}: {service.notifications(host.engine.db)}",
    )
    return found[0]


def tried(host: Host, tries: int) -> NotificationView:
    """Wait until a try has ended without success."""

    free = text(
        "SELECT n.id FROM notifications n JOIN notification_channels c ON c.name = n.channel "
        "WHERE n.tries = :tries AND c.busy_until IS NULL"
    )

    def ended() -> list[NotificationView]:
        with host.engine.db.reading() as session:
            ids = set(session.scalars(free, {"tries": tries}))
        return [m for m in service.notifications(host.engine.db).messages if m.id in ids]

    return wait_until(ended, timeout=60, what=f"try {tries} has ended")[0]


def make_due(host: Host) -> None:
    """Let the pause before the next try be over, and the time of a dead sender."""
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE notifications SET next_try_at = now()"))
        session.execute(text("UPDATE notification_channels SET busy_until = NULL"))


def verified(request: Received) -> bool:
    signed = f"{request.id}.{request.headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(request.headers["webhook-timestamp"])) < 60
    return request.headers["webhook-signature"] == f"v1,{expected}" and fresh


def test_each_item_is_told_once_and_many_at_once_are_one_message(
    host: Host, hook: Receiver, machine: Machine
) -> None:
    failed(host, "boat", "mast")
    notify(machine)
    wait_for(host, "sent")
    [first] = hook.received
    assert told(first) == [
        "Decide about “Mend the boat”, which failed",
        "Decide about “Mend the mast”, which failed",
    ]
    assert verified(first)
    item = items(first)[0]
    assert item["link"].startswith("http://127.0.0.1:8000/workflows/")
    assert (item["evidence"], item["acts"][0]["name"]) == ("permanent: no such model", "restart")
    for _ in range(3):
        notify(host.worker())
    failed(host, "sail")
    notify(host.worker())
    wait_for(host, "sent", 2)
    assert told(hook.received[1]) == ["Decide about “Mend the sail”, which failed"]
    events = host.engine.events("notification.sent")
    assert [event.data["channel"] for event in events] == ["ops", "ops"]
    assert base64.b64encode(KEY).decode() not in str(host.engine.events())


def test_several_workers_at_once_send_each_item_once(
    host: Host, hook: Receiver, machine: Machine
) -> None:
    failed(host, *(f"boat {number}" for number in range(8)))
    workers = [host.worker() for _ in range(6)]
    threads = [threading.Thread(target=notify, args=(each,)) for each in (machine, *workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(host, "sent")
    titles = [title for request in hook.received for title in told(request)]
    assert len(titles) == len(set(titles))
    assert len([title for title in titles if "which failed" in title]) == 8
    assert len(hook.received) == 1


def test_a_message_is_tried_again_with_the_same_key_until_it_is_taken(
    host: Host, hook: Receiver, machine: Machine
) -> None:
    hook.answer = lambda _: (500, {})
    failed(host, "boat")
    notify(machine)
    first = tried(host, 1)
    assert first.trouble == "it answered 500"
    failed(host, "mast")
    notify(host.worker())
    assert len(hook.received) == 1, "the pause is respected"
    assert len(service.notifications(host.engine.db).messages) == 1, "it waits for the next message"
    [channel] = service.notifications(host.engine.db).channels
    assert (channel.trouble, channel.target) == ("it answered 500", f"{hook.url[:-5]}/***")
    hook.answer = lambda _: (200, {})
    make_due(host)
    notify(host.worker())
    wait_for(host, "sent")
    assert len({request.id for request in hook.received}) == 1
    assert len({request.body for request in hook.received}) == 1
    assert all(verified(request) for request in hook.received)
    notify(host.worker())
    wait_for(host, "sent", 2)
    assert told(hook.received[2]) == ["Decide about “Mend the mast”, which failed"]
    assert service.notifications(host.engine.db).channels[0].trouble is None


@pytest.mark.parametrize(
    ("status", "header", "ends", "reason"),
    [
        (410, {}, True, "it answered 410"),
        (302, {"Location": "http://127.0.0.1:1/"}, False, "redirects are not followed"),
        (429, {"Retry-After": "600"}, False, "it answered 429"),
    ],
)
def test_refusals(
    host: Host,
    hook: Receiver,
    machine: Machine,
    *,
    status: int,
    header: dict[str, str],
    ends: bool,
    reason: str,
) -> None:
    hook.answer = lambda _: (status, header)
    failed(host, "boat")
    notify(machine)
    message = tried(host, 1)
    assert reason in str(message.trouble)
    assert (message.status == "failed") is ends
    assert len(hook.received) == 1
    if status == 429:
        assert (message.next_try_at - message.created_at).total_seconds() >= 600
    assert len(host.engine.events("notification.failed")) == int(ends)


def test_a_receiver_that_hangs_holds_nothing_up(
    host: Host, hook: Receiver, machine: Machine, tmp_path: Path
) -> None:
    hook.answer = hook.hang
    with receiver() as other:
        both = {
            "ops": webhook(tmp_path, hook.url),
            "team": webhook(tmp_path, other.url, severity="blocker"),
        }
        machine = worker(host, tmp_path, **both)
        failed(host, "boat")
        begun = time.monotonic()
        notify(machine)
        assert time.monotonic() - begun < 3
        wait_until(lambda: hook.received, timeout=30, what="the first receiver was asked")
        with host.engine.db.reading() as session:
            held = session.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                    "current_database() AND state = 'idle in transaction'"
                )
            ).scalar_one()
        assert held == 0
        wait_until(lambda: other.received, timeout=30, what="the other one was told")
        [still] = items(other.received[0], "workflow_still")
        assert (still["severity"], told(other.received[0])) == ("blocker", []), "least severity"
        wait_until(
            lambda: (
                service.notifications(host.engine.db).channels[0].trouble
                == "it gave no answer in time"
            ),
            timeout=60,
            what="the first try has ended",
        )


def test_a_sender_killed_before_it_could_note_the_answer(
    host: Host, hook: Receiver, machine: Machine
) -> None:
    killed: list[subprocess.Popen[bytes]] = []

    def kill(_: Received) -> tuple[int, dict[str, str]]:
        os.kill(killed[0].pid, signal.SIGKILL)
        killed[0].wait()
        return 204, {}

    failed(host, "boat")
    hook.answer = kill
    ready = threading.Event()
    hook.answer = lambda got: (ready.wait(60), kill(got))[1]
    killed.append(sending(host))
    ready.set()
    wait_until(lambda: killed[0].poll() is not None, timeout=60, what="the sender was killed")
    assert killed[0].returncode == -signal.SIGKILL
    assert messages(host, "pending")[0].tries == 1
    hook.answer = lambda _: (204, {})
    notify(machine)
    assert len(hook.received) == 1, "it is left to its sender for a time"
    make_due(host)
    notify(machine)
    wait_for(host, "sent")
    assert len(hook.received) == 2
    assert len({request.id for request in hook.received}) == 1


def sending(host: Host) -> "subprocess.Popen[bytes]":
    """Start a process that sends as a worker does."""
    settings = host.settings
    program = f"""
import json, time
from hephaestus_core import tables
from hephaestus_core.settings.config import load_settings
from hephaestus_worker.process import open_machine
from hephaestus_worker.notifications.sending import notify
from pathlib import Path
settings = load_settings(environ={{}}, overrides=json.loads({
        json.dumps(
            json.dumps(
                {
                    "home": str(settings.home),
                    "database_url": settings.database_url,
                    "host_name": "a",
                    "notification_channels": settings.notification_channels,
                }
            )
        )
    }))
notify(open_machine(settings, lambda bell: None))
time.sleep(100)
"""
    return subprocess.Popen([sys.executable, "-c", program])


def test_addresses_of_the_machine_itself_get_nothing(host: Host, tmp_path: Path) -> None:
    urls = {"a": "http://169.254.169.254/latest", "b": "http://[::ffff:169.254.169.254]/"}
    machine = worker(host, tmp_path, **{k: webhook(tmp_path, url) for k, url in urls.items()})
    notify(machine)
    service.add_samples(host.engine.db, by="ann")
    notify(machine)
    wait_for(host, "failed", 2)
    for message in messages(host, "failed"):
        assert "nothing is sent to" in str(message.trouble)


def test_a_trial_is_sent_once_and_put_aside_things_are_not_told(
    host: Host, hook: Receiver, machine: Machine
) -> None:
    failed(host, "boat")
    for item in attention.inbox(host.engine.db).items:
        attention.snooze(host.engine.db, item.id, minutes=30, by="ann")
    notify(machine)
    assert service.notifications(host.engine.db).messages == []
    hook.answer = lambda _: (503, {})
    service.add_samples(host.engine.db, by="ann")
    notify(machine)
    assert wait_for(host, "failed").sample
    assert json.loads(hook.received[0].body)["type"] == "notification.test"


@pytest.mark.usefixtures("machine")
def test_after_its_tries_a_message_is_given_up(host: Host, hook: Receiver) -> None:
    hook.answer = lambda _: (500, {})
    failed(host, "boat")
    for number in range(1, rules.MOST_TRIES + 1):
        make_due(host)
        notify(host.worker())
        tried(host, number)
    assert wait_for(host, "failed").tries == rules.MOST_TRIES
    assert len(hook.received) == rules.MOST_TRIES


def test_an_apprise_channel_is_told_in_words_and_its_url_is_shown_nowhere(
    host: Host, hook: Receiver, tmp_path: Path
) -> None:
    file = tmp_path / "phone.url"
    file.write_text(hook.url.replace("http://", "json://ann:hush@"))
    machine = worker(host, tmp_path, phone={"type": "apprise", "url_file": str(file)})
    file.chmod(0o644)
    notify(machine)
    [channel] = service.notifications(host.engine.db).channels
    assert "can be read by other accounts" in str(channel.trouble)
    file.chmod(0o600)
    failed(host, "boat")
    hook.answer = lambda _: (500, {})
    notify(machine)
    assert tried(host, 1).trouble == "it answered 500"
    hook.answer = lambda _: (200, {})
    make_due(host)
    notify(host.worker())
    wait_for(host, "sent")
    said = json.loads(hook.received[-1].body)
    assert said["title"] == "Hephaestus: 2 things need attention"
    assert "Decide about “Mend the boat”, which failed" in said["message"]
    [channel] = service.notifications(host.engine.db).channels
    assert (channel.target, channel.trouble) == ("json://***", None)
    with host.engine.db.reading() as session:
        tables = ("notification_channels", "notifications", "events")
        stored = [session.execute(text(f"SELECT t::text FROM {t} t")).all() for t in tables]
    assert "hush" not in str(stored)


def test_apprise_leads_to_no_address_of_the_machine_itself(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "phone.url"
    file.write_text("json://169.254.169.254/latest")
    file.chmod(0o600)
    machine = worker(host, tmp_path, phone={"type": "apprise", "url_file": str(file)})
    notify(machine)
    service.add_samples(host.engine.db, by="ann")
    begun = time.monotonic()
    notify(machine)
    assert "nothing is sent to 169.254.169.254" in str(wait_for(host, "failed").trouble)
    assert time.monotonic() - begun < 20
