"""The command ``inbox``: what waits for a person, what stands still, and what to do about it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hephaestus_core.contract.attention import LONGEST_SNOOZE_MINUTES, Act
from hephaestus_core.contract.ids import id_span
from hephaestus_core.contract.signs import Sign
from hephaestus_sdk.acting import perform
from hephaestus_sdk.api.attention_views import AttentionItem, Inbox
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, CommandGroup, show_json
from hephaestus_sdk.cli.terminal import show_hanging, show_styled, status_style
from hephaestus_sdk.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@click.group(cls=CommandGroup)
@click.option("--set-aside", is_flag=True, help="List what was snoozed or dismissed instead.")
@json_option
@stack_options
@click.pass_context
def inbox(ctx: click.Context, /, *, set_aside: bool, as_json: bool, **stack: Any) -> None:
    """List what waits for you or stands still, the oldest blocker first.

    Below each item are the commands that settle it; `hephaestus inbox do ITEM ACT` does the same.
    """
    if ctx.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        found = client.inbox(set_aside=set_aside)
    if as_json:
        show_json(found)
        return
    show_styled([(found.counts.words, "bold")])
    now = datetime.now(UTC)
    for item in found.items:
        click.echo()
        _show(item, now)
    if found.counts.set_aside and not set_aside:
        click.echo(f"\n{found.counts.set_aside} put aside: hephaestus inbox --set-aside")


@inbox.command(cls=Command)
@click.argument("item_id", metavar="ITEM")
@click.argument("act", type=click.Choice([str(act) for act in Act]))
@click.argument("text", default="")
@json_option
@stack_options
def do(item_id: str, *, act: str, text: str, as_json: bool, **stack: Any) -> None:
    """Do ACT to ITEM: one of those that the list shows below it.

    TEXT is the answer, the number of an option, the reason or the amount in dollars.
    """
    with connect(**stack) as client:
        item = _item(client, item_id)
        done = perform(client, item, act, text)
    show_json({"item": item.id, "act": act, "done": done}) if as_json else click.echo(plain(done))


@inbox.command(cls=Command)
@click.argument("item_id", metavar="ITEM")
@click.option(
    "--minutes",
    type=click.IntRange(1, LONGEST_SNOOZE_MINUTES),
    default=30,
    show_default=True,
    help="For how long.",
)
@json_option
@stack_options
def snooze(item_id: str, *, minutes: int, as_json: bool, **stack: Any) -> None:
    """Put ITEM aside for a time; it comes back by itself if it still waits then."""
    with connect(**stack) as client:
        item = client.snooze(_item(client, item_id).id, minutes)
    show_json(item) if as_json else click.echo(f"aside for {minutes} min: {plain(item.title)}")


@inbox.command(cls=Command)
@click.argument("item_id", metavar="ITEM")
@json_option
@stack_options
def dismiss(item_id: str, *, as_json: bool, **stack: Any) -> None:
    """Take ITEM off the list for good, where no decision is needed."""
    with connect(**stack) as client:
        item = client.dismiss(_item(client, item_id).id)
    show_json(item) if as_json else click.echo(f"dismissed: {plain(item.title)}")


@inbox.command(cls=Command)
@click.argument("item_id", metavar="ITEM")
@json_option
@stack_options
def undo(item_id: str, *, as_json: bool, **stack: Any) -> None:
    """Put ITEM, which was snoozed or dismissed, back on the list."""
    with connect(**stack) as client:
        item = client.restore(_item(client, item_id, aside=True).id)
    show_json(item) if as_json else click.echo(f"back on the list: {plain(item.title)}")


def _show(item: AttentionItem, now: datetime) -> None:
    sign = Sign(item.condition)
    head = f"{item.id[:8]}  {sign.shown}{_since(item.since, now)}  "
    show_hanging(head, plain(item.title), head_style=status_style(sign.shown))
    show_hanging("    ", plain(item.evidence))
    if item.set_aside_by:
        until = item.set_aside_until
        how = "dismissed" if until is None else f"aside until {until.astimezone():%m-%d %H:%M}"
        click.echo(f"    {how}, by {plain(item.set_aside_by)}: hephaestus inbox undo {item.id[:8]}")
        return
    for act in item.acts:
        for number, option in enumerate(act.options, start=1):
            show_hanging(f"    option {number}: ", plain(option))
        click.echo(f"    {act.name.replace('_', ' ')}: {act.command}")


def _since(since: datetime | None, now: datetime) -> str:
    """Return for how long something waits, in one unit."""
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f", {seconds // size} {unit}"
    return f", {seconds} s"


def _item(client: "HephaestusClient", beginning: str, *, aside: bool = False) -> AttentionItem:
    """Return the one item of the list whose id begins like that.

    Raises:
        NotFound: none does.
        InvalidInput: several do, or it is too short.
    """
    id_span(beginning, ())
    found = _beginning(client.inbox(set_aside=aside), beginning)
    found = found or _beginning(client.inbox(set_aside=not aside), beginning)
    if not found:
        raise NotFound(f"nothing with the id {beginning} waits; see `hephaestus inbox`")
    if len(found) > 1:
        raise InvalidInput(f"several items begin with {beginning}; give more of the id")
    return found[0]


def _beginning(listed: Inbox, beginning: str) -> list[AttentionItem]:
    digits = beginning.replace("-", "").lower()
    return [item for item in listed.items if item.id.replace("-", "").startswith(digits)]
