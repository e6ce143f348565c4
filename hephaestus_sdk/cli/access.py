"""Commands about who may do what, and who did."""

import re
from typing import Any, Final

import click

from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.suggestions import SuggestingGroup
from hephaestus_sdk.cli.tables import NONE, show_table
from hephaestus_sdk.errors import InvalidInput

_SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


@click.group(cls=SuggestingGroup)
def token() -> None:
    """Make, list and revoke the tokens of people and programs."""


@token.command(cls=Command)
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "operator", "admin"]),
    default="viewer",
    show_default=True,
    help="Role: the most that the token may do.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="Restrict the token to read, workflows, tasks, agents, hosts or access; may be repeated.",
)
@click.option(
    "--expires", metavar="TIME", help="Lifetime, such as 30d, 12h, 45m or 2w; default: no end."
)
@json_option
@stack_options
def create(
    *,
    name: str,
    role: str,
    scopes: tuple[str, ...],
    expires: str | None,
    as_json: bool,
    **stack: Any,
) -> None:
    """Create a token called NAME and print its secret, once."""
    seconds = None if expires is None else _seconds(expires)
    with connect(**stack) as client:
        made = client.create_token(name, role=role, scopes=scopes, expires_in=seconds)
    if as_json:
        show_json(made)
        return
    click.echo(made.token)
    click.echo("The token is shown only now; store it where only its user can read it.", err=True)


@token.command("list", cls=Command)
@json_option
@stack_options
def list_(as_json: bool, **stack: Any) -> None:
    """List the tokens that are not revoked."""
    with connect(**stack) as client:
        found = client.tokens()
    if as_json:
        show_json(found)
        return
    show_table(
        ("name", "role", "scopes", "created by", "created", "expires", "last used"),
        [
            (
                t.name,
                t.role,
                ", ".join(t.scopes),
                t.created_by,
                t.created_at,
                t.expires_at,
                t.last_used_at,
            )
            for t in found
        ],
    )


@token.command(cls=Command)
@click.argument("name")
@json_option
@stack_options
def revoke(name: str, as_json: bool, **stack: Any) -> None:
    """Revoke a token; its name may be used again."""
    with connect(**stack) as client:
        revoked = client.revoke_token(name)
    show_json(revoked) if as_json else click.echo(f"{revoked.name} is revoked")


@click.command(cls=Command)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@stack_options
def audit(limit: int, as_json: bool, **stack: Any) -> None:
    """List the changes, newest first, with the token behind each."""
    with connect(**stack) as client:
        found = client.audit(limit=limit)
    if as_json:
        show_json(found)
        return
    show_table(
        ("at", "who", "role", "action", "target", "from", "status"),
        [(e.at, e.actor, e.role, e.action, _target(e.target), e.address, e.status) for e in found],
        none=NONE,
    )


def _target(target: Any) -> str:
    return ", ".join(f"{name}={value}" for name, value in target.items())


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhdw])", text.strip())
    if found is None:
        raise InvalidInput(
            f"{text!r} is not a lifetime; write 30d, 12h, 45m or 2w", field="expires"
        )
    return int(found[1]) * _SECONDS[found[2]]
