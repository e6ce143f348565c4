"""Printing for eyes: colours and wrapping on a terminal, plain lines everywhere else.

Rich keeps to NO_COLOR and to terminals without colours; pipes and files get neither colours nor
line breaks of ours.
"""

import sys
from collections.abc import Sequence
from typing import Final

import click

from hephaestus_core.contract.signs import Sign

#: The look of a status, by its first word or its glyph.
_STATUS_STYLES: Final = {
    "done": "green",
    "completed": "green",
    "merged": "green",
    "delivered": "green",
    "accepted": "green",
    "ready": "green",
    "active": "cyan",
    "at": "cyan",
    "working": "cyan",
    "in_progress": "cyan",
    "assigned": "cyan",
    "starting": "cyan",
    "waits": "yellow",
    "stands": "yellow",
    "blocked": "yellow",
    "needs_work": "yellow",
    "draining": "yellow",
    "unwell": "red",
    "held": "yellow",
    "stopping": "yellow",
    Sign.WAITS_FOR_YOU.glyph: "yellow",
    Sign.STANDS_STILL.glyph: "red",
    Sign.AT_WORK.glyph: "cyan",
    Sign.WAITS_ITS_TURN.glyph: "dim",
    Sign.DONE.glyph: "green",
    Sign.FAILED.glyph: "red",
    Sign.STOPPED.glyph: "dim",
    "failed": "red",
    "lost": "red",
    "conflict": "red",
    "rejected": "red",
}


def on_terminal() -> bool:
    """Say whether somebody looks at standard output."""
    return sys.stdout.isatty()


def status_style(status: str) -> str:
    """Return the style in which a status is shown; an empty one for most."""
    return _STATUS_STYLES.get(status.partition(" ")[0].rstrip(":,"), "")


def show_styled(parts: Sequence[tuple[str, str]]) -> None:
    """Print one line of texts, each with its style."""
    if not on_terminal():
        click.echo("".join(text for text, _ in parts))
        return
    from rich.console import Console  # put off: scripts need no terminal library
    from rich.text import Text

    Console().print(Text.assemble(*parts), soft_wrap=True, highlight=False)


def show_hanging(head: str, body: str, *, head_style: str = "", style: str = "") -> None:
    """Print ``body`` beside ``head``; on a terminal it is wrapped between words, below itself."""
    if not on_terminal():
        click.echo(f"{head}{body}")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    row = Table.grid()
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(Text(head, style=head_style), Text(body, style=style))
    Console().print(row, highlight=False)


def show_lines(text: str) -> None:
    """Print lines; on a terminal each is wrapped between words, below its own beginning."""
    for line in text.splitlines():
        body = line.lstrip(" -")
        show_hanging(line[: len(line) - len(body)], body)
