"""The link that logs a browser in."""

from typing import TYPE_CHECKING, Any

import click

from hephaestus_sdk.cli.connection import connect_to, json_option, stack_address, stack_options
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.wording import told
from hephaestus_sdk.errors import HephaestusError

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient

#: How long a link works and how often, as it is printed beside one.
TERMS = "works once, within 10 minutes"


@click.command(cls=Command)
@json_option
@stack_options
def login_link(as_json: bool, **stack: Any) -> None:
    """Print a link that logs a browser in; it works once, within 10 minutes."""
    address = stack_address(**stack)
    with connect_to(address) as client:
        made = client.create_login_code()
    link = login_url(address.ui_url or address.url, made.code)
    if as_json:
        show_json({"url": link, "expires_at": made.expires_at})
        return
    click.echo(link)
    click.echo(f"It {TERMS}.", err=True)


def show_link(client: "HephaestusClient", ui_url: str, *, err: bool) -> None:
    """Print a new link for eyes that read a terminal; what is printed elsewhere may be a log."""
    try:
        made = client.create_login_code()
    except HephaestusError as error:  # whatever it was, the stack runs all the same
        click.echo(f"No login link could be made: {told(error)}", err=True)
        return
    click.echo(f"Open this to log in; it {TERMS}:\n  {login_url(ui_url, made.code)}", err=err)


def login_url(ui_url: str, code: str, page: str = "/") -> str:
    """Return the link to a page; what stands behind ``#`` reaches no log, proxy or other site."""
    following = "" if page == "/" else f"?next={page}"
    return f"{ui_url.rstrip('/')}/login{following}#{code}"
