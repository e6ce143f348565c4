"""Commands about hosts."""

from collections.abc import Iterable
from typing import Any

import click

from hephaestus_core.contract.statuses import Containment, Health, HostStatus
from hephaestus_sdk.api.host_views import Host, HostFault
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, CommandGroup, show_json
from hephaestus_sdk.cli.tables import show_table


@click.group(cls=CommandGroup)
@json_option
@stack_options
@click.pass_context
def hosts(context: click.Context, /, as_json: bool, **stack: Any) -> None:
    """List hosts."""
    if context.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        found = client.hosts()
    if as_json:
        show_json(found)
        return
    show_table(
        (
            *("name", "status", "slots", "programs", "labels", "clock", "last seen"),
            *("containment", "faults"),
        ),
        [
            (
                host.name,
                _condition(host),
                host.slots,
                ", ".join(host.programs),
                ", ".join(host.labels),
                clock_of(host),
                host.last_seen_at,
                host.containment or "",
                "; ".join(map(_told, host.faults)),
            )
            for host in found
        ],
    )
    for note in (*containment_notes(found), *alarms(found), *orphan_notes(found)):
        click.echo(note, err=True)


def containment_notes(found: Iterable[Host]) -> list[str]:
    """Return one line for each containment and obstacle: its hosts, and what it means for them."""
    alike: dict[tuple[str, str | None], list[str]] = {}
    for host in found:
        if host.containment in set(Containment):  # A newer server may have other words.
            alike.setdefault((host.containment, host.containment_obstacle), []).append(host.name)
    return [
        plain(f"{', '.join(names)}: {Containment(word).sentence}" + (f" ({why})" if why else ""))
        for (word, why), names in alike.items()
    ]


def alarms(found: Iterable[Host]) -> list[str]:
    """Return a line for each reason why a host does not watch its agents or hear its queue."""
    return [
        plain(f"{host.name}: {told}")
        for host in found
        for told in (host.sweep_alarm, host.canary_alarm, host.judge_detail)
        if told
    ]


def orphan_notes(found: Iterable[Host]) -> list[str]:
    """Return a line for each thing on a host that no task claims."""
    return [
        plain(
            f"{host.name}: {each.kind} {each.name}, {each.status}, first seen {each.found_at}, "
            f"in {each.place}. {each.why}" + (f" {each.obstacle}" if each.obstacle else "")
        )
        for host in found
        for each in host.orphans
    ]


def clock_of(host: Host) -> str:
    """Return how wrong the clock of a host is; "" if that is not known."""
    if host.clock_ahead_seconds is None:
        return ""
    if not host.clock_wrong:
        return "ok"
    seconds = host.clock_ahead_seconds
    return f"{abs(seconds):.0f} s {'ahead' if seconds > 0 else 'behind'}"


def _condition(host: Host) -> str:
    if host.status != HostStatus.ACTIVE:
        return host.status
    if host.draining:
        return "draining"
    return host.status if host.health == Health.WELL else host.health


def _told(fault: HostFault) -> str:
    where = f"{fault.repository}: " if fault.repository else ""
    again = f", tries again at {fault.next_try_at:%H:%M:%S}" if fault.next_try_at else ""
    return plain(f"{where}{fault.reason.rstrip('.')}{again}")


@click.command(cls=Command)
@click.argument("name")
@click.option("--undo", is_flag=True, help="Start agents on the host again.")
@json_option
@stack_options
def drain(name: str, undo: bool, as_json: bool, **stack: Any) -> None:
    """Stop starting agents on a host; its live agents continue."""
    with connect(**stack) as client:
        host = client.drain_host(name, drain=not undo)
    if as_json:
        show_json(host)
    else:
        click.echo(f"{name} {'takes agents again' if undo else 'takes no new agents'}")


@hosts.command(cls=Command)
@click.argument("name")
@click.argument("labels", nargs=-1)
@click.option("--undo", is_flag=True, help="Restore the labels that the host's worker offers.")
@json_option
@stack_options
def label(name: str, labels: tuple[str, ...], undo: bool, as_json: bool, **stack: Any) -> None:
    """Replace all labels of a host with LABELS; without LABELS, remove them all."""
    with connect(**stack) as client:
        host = client.label_host(name, None if undo else labels)
    show_json(host) if as_json else click.echo(f"{name}: {', '.join(host.labels) or 'no labels'}")
