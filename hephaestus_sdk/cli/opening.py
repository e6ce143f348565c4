"""The browser, opened at a thing and logged in."""

import html
import os
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from hephaestus_sdk.cli.connection import connect_to, stack_address, stack_options
from hephaestus_sdk.cli.login import TERMS, login_url
from hephaestus_sdk.cli.report import Command
from hephaestus_sdk.errors import NotFound

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient


@click.command(cls=Command)
@click.argument("thing", default="")
@stack_options
def open(thing: str, **stack: Any) -> None:  # noqa: A001 - the command's name
    """Open the browser at THING: "inbox" for what waits for you, or the id of a workflow or a task.

    Without THING it opens the home page. It prints the link where no browser is found.
    """
    address = stack_address(**stack)
    with connect_to(address) as client:
        page = _page(client, thing)
        made = client.create_login_code()
    link = login_url(address.ui_url or address.url, made.code, page)
    if not _show(link):
        click.echo(link)
        click.echo(f"No browser was found; open the link yourself. It {TERMS}.", err=True)


def _page(client: "HephaestusClient", thing: str) -> str:
    """Return the path of a thing's page.

    Raises:
        NotFound: no workflow and no task has that id.
    """
    if thing in {"", "inbox"}:
        return f"/{thing}"
    try:
        return f"/workflows/{quote(client.workflow(thing).id)}"
    except NotFound:
        return f"/tasks/{quote(client.task(thing).id)}"


def _show(link: str) -> bool:
    """Open the link; return whether there is a browser."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # The link logs in: all users of the machine can read arguments, but not this file.
    return browser.open(_forwarding(link).as_uri())


def _forwarding(link: str) -> Path:
    """Return a page that leads to the link, readable by this user alone."""
    page = Path(click.get_app_dir("hephaestus"), "open.html")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.unlink(missing_ok=True)
    written = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(written, "w") as file:
        target = html.escape(link)
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={target}">\n')
    return page
