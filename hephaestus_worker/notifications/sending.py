"""The pass that tells channels what waits for people, and the sending of their messages."""

import json
import logging
import os
import subprocess
import sys
import time
from typing import Any, Final
from uuid import UUID, uuid5

from hephaestus_core.clock import utcnow
from hephaestus_core.db.engine import Database
from hephaestus_core.logging import log_event
from hephaestus_core.notifications import rules, service
from hephaestus_core.notifications.signing import signed_headers
from hephaestus_core.notifications.views import Delivery, Outcome
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.notifications.channels import Channel, channels
from hephaestus_worker.terminal.environment import base_environment

_log: Final = logging.getLogger(__name__)
_NAMESPACE: Final = UUID("0c3b7f3e-59f0-4c5e-8f6c-6b6c6a0e5e0d")
#: Seconds of one try, after which its process is killed.
_TRY_SECONDS: Final = 25.0
#: What the process that sends needs beside the common variables; the way out may be a proxy.
_NEEDED: Final = ("PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


def notify(machine: Machine) -> None:
    """Make messages of what channels have not been told yet, and have those sent that are due.

    Nothing here waits for a receiver: each channel has a thread of its own.
    """
    configured = channels(machine.settings, os.environ)
    if not configured:
        return
    service.see(machine.db, [each.order for each in configured])
    usable = {each.order.name: each for each in configured if each.order.trouble is None}
    service.gather(
        machine.db,
        {name: each.order.severity for name, each in usable.items()},
        apart=machine.settings.notification_group_seconds,
        base_url=machine.settings.agent_url,
    )
    for name in service.due(machine.db, [*usable]):
        _begin(machine, usable[name])


def _begin(machine: Machine, channel: Channel) -> None:
    subject = uuid5(_NAMESPACE, channel.order.name)
    machine.senders.begin(subject, lambda _: send_due(machine.db, channel))


def send_due(db: Database, channel: Channel) -> None:
    """Send the messages that are due to a channel, one after the other."""
    while (delivery := service.take(db, channel.order.name)) is not None:
        outcome = _sent(channel, delivery)
        service.settle(db, delivery, outcome)
        if outcome.trouble is not None:
            log_event(
                _log,
                "notification_not_taken",
                level=logging.WARNING,
                channel=delivery.channel,
                notification=delivery.id,
                tries=delivery.tries,
                reason=outcome.trouble,
            )


def _sent(channel: Channel, delivery: Delivery) -> Outcome:
    begun = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "hephaestus_worker.notifications.sender"],
            input=json.dumps(_order(channel, delivery)).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=_TRY_SECONDS,
            check=False,
        )
        return Outcome(**json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return Outcome(trouble=f"it gave no answer within {time.monotonic() - begun:.0f} s")
    except (ValueError, OSError):
        return Outcome(trouble="the process that sends has failed")


def _environment() -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if k in _NEEDED or k.lower().endswith("_proxy")}
    return base_environment() | own


def _order(channel: Channel, delivery: Delivery) -> dict[str, Any]:
    if channel.key is None:
        title, text = rules.in_words(delivery.body)
        return {"type": "apprise", "url": channel.url, "title": title, "text": text}
    body = json.dumps(dict(delivery.body), sort_keys=True, separators=(",", ":"))
    headers = signed_headers(delivery.id, int(utcnow().timestamp()), body.encode(), key=channel.key)
    headers |= {"Content-Type": "application/json", "User-Agent": "Hephaestus"}
    return {"type": "webhook", "url": channel.url, "headers": headers, "body": body}
