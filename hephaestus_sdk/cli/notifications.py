"""The command ``notify``: the channels that tell people what waits for them."""

import sys
import time
from typing import TYPE_CHECKING, Any, Final

import click

from hephaestus_core.contract.statuses import NotificationStatus
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, CommandGroup, show_json
from hephaestus_sdk.cli.tables import show_table

if TYPE_CHECKING:
    from hephaestus_sdk.api.notification_views import Notification
    from hephaestus_sdk.client import HephaestusClient

#: Seconds for a trial: a worker looks every few seconds, and a try takes up to 25.
_PATIENCE: Final = 45.0
_LOOK_SECONDS: Final = 0.5


@click.group(cls=CommandGroup)
@json_option
@stack_options
@click.pass_context
def notify(ctx: click.Context, /, *, as_json: bool, **stack: Any) -> None:
    """Show the channels that notifications go to, and whether they work."""
    if ctx.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        found = client.notifications()
    if as_json:
        show_json(found)
        return
    show_table(
        ("channel", "type", "to", "from severity", "trouble"),
        [
            (each.name, each.type, each.target, each.severity, each.trouble or "")
            for each in found.channels
        ],
        none="no channel is configured; notifications.channels names them",
    )


@notify.command(cls=Command)
@click.argument("channel", required=False)
@json_option
@stack_options
def test(channel: str | None, *, as_json: bool, **stack: Any) -> None:
    """Send a trial to CHANNEL, or to all; ends with 1 if one does not take it."""
    with connect(**stack) as client:
        ids = {each.id for each in client.notify_test(channel)}
        ended = _ended(client, ids)
    if as_json:
        show_json(ended)
    else:
        for each in ended:
            click.echo(f"{plain(each.channel)}: {_outcome(each)}")
    if any(each.status != NotificationStatus.SENT for each in ended):
        sys.exit(1)


def _ended(client: "HephaestusClient", ids: set[str]) -> "list[Notification]":
    """Wait until the trials have ended; return them as they are then."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = [each for each in client.notifications().messages if each.id in ids]
        if (
            all(each.status != NotificationStatus.PENDING for each in found)
            or time.monotonic() > deadline
        ):
            return sorted(found, key=lambda each: each.channel)
        time.sleep(_LOOK_SECONDS)


def _outcome(message: "Notification") -> str:
    if message.status == NotificationStatus.SENT:
        return "taken"
    if message.status == NotificationStatus.PENDING:
        return "no worker has sent it yet; is one running that has the channel configured?"
    return f"not taken: {plain(message.trouble or '')}"
