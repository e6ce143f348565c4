"""The command ``memories``: what agents have learned, and what people make of it."""

from collections.abc import Iterator
from typing import Any, Final, TextIO

import click

from hephaestus_core.contract.memory_lines import LONGEST_LINE
from hephaestus_core.contract.statuses import MemoryRating, MemoryType
from hephaestus_sdk.api.memory_views import Memory
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, CommandGroup, show_json
from hephaestus_sdk.cli.tables import NONE, show_table
from hephaestus_sdk.cli.terminal import show_hanging
from hephaestus_sdk.errors import InvalidInput

_RATINGS: Final = click.Choice([str(each) for each in MemoryRating])
_TYPES: Final = click.Choice([str(each) for each in MemoryType])


@click.group(cls=CommandGroup)
@click.option("--repository", help="Only what was learned in this repository.")
@click.option("--type", "type_", type=_TYPES, help="Only of this type.")
@click.option("--forgotten/--known", default=None, help="Only forgotten ones, or the others.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@json_option
@stack_options
@click.pass_context
def memories(
    ctx: click.Context,
    /,
    *,
    repository: str | None,
    type_: str | None,
    forgotten: bool | None,
    limit: int,
    as_json: bool,
    **stack: Any,
) -> None:
    """List what agents have learned, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        found = client.memories(repository=repository, type=type_, forgotten=forgotten, limit=limit)
    _show(found, as_json=as_json, none=NONE)


@memories.command(cls=Command)
@click.argument("repository")
@click.argument("question")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True)
@json_option
@stack_options
def search(repository: str, question: str, *, limit: int, as_json: bool, **stack: Any) -> None:
    """Find what bears on QUESTION, such as the text of a task, as agents would."""
    with connect(**stack) as client:
        found = client.search_memories(repository, question, limit=limit)
    _show(found, as_json=as_json, none="no memory bears on it")


@memories.command(cls=Command)
@click.argument("memory_id", metavar="MEMORY")
@json_option
@stack_options
def show(memory_id: str, *, as_json: bool, **stack: Any) -> None:
    """Show MEMORY whole, with all texts that say the same."""
    with connect(**stack) as client:
        memory = client.memory(memory_id)
    if as_json:
        show_json(memory)
        return
    for text in (memory.text, *memory.also):
        show_hanging("- ", plain(text))
    for name, told in _facts(memory):
        click.echo(f"{name}: {plain(told)}")


@memories.command(cls=Command)
@click.argument("repository")
@click.argument("text")
@click.option("--type", "type_", type=_TYPES, default=str(MemoryType.LEARNING), show_default=True)
@click.option("--tag", "tags", multiple=True, help="May be repeated.")
@click.option("--file", "files", multiple=True, help="A path that it is about; may be repeated.")
@click.option("--global", "is_global", is_flag=True, help="Tell it in all repositories.")
@json_option
@stack_options
def add(repository: str, text: str, *, type_: str, as_json: bool, **options: Any) -> None:
    """Add TEXT to what is known of REPOSITORY; the same again adds nothing."""
    told = {name: options.pop(name) for name in ("tags", "files", "is_global")}
    with connect(**options) as client:
        memory = client.add_memory(repository, type_, text, **told)
    show_json(memory) if as_json else click.echo(memory.id)


@memories.command(cls=Command)
@click.argument("memory_id", metavar="MEMORY")
@click.option("--text", help="The new text.")
@click.option("--type", "type_", type=_TYPES, help="The new type.")
@click.option("--global/--local", "is_global", default=None, help="Tell it in all repositories.")
@json_option
@stack_options
def edit(
    memory_id: str,
    *,
    text: str | None,
    type_: str | None,
    is_global: bool | None,
    as_json: bool,
    **stack: Any,
) -> None:
    """Change MEMORY; what is not given stays."""
    with connect(**stack) as client:
        before = client.memory(memory_id)
        memory = client.edit_memory(
            before.id,
            type_ or before.type,
            before.text if text is None else text,
            tags=before.tags,
            files=before.files,
            is_global=before.is_global if is_global is None else is_global,
        )
    show_json(memory) if as_json else click.echo(plain(memory.text))


@memories.command(cls=Command)
@click.argument("memory_id", metavar="MEMORY")
@click.argument("rating", type=_RATINGS)
@json_option
@stack_options
def rate(memory_id: str, rating: str, *, as_json: bool, **stack: Any) -> None:
    """Say what you think of MEMORY; what two rate wrong is forgotten."""
    with connect(**stack) as client:
        memory = client.rate_memory(memory_id, rating)
    show_json(memory) if as_json else click.echo(_state(memory))


@memories.command(cls=Command)
@click.argument("memory_id", metavar="MEMORY")
@json_option
@stack_options
def restore(memory_id: str, *, as_json: bool, **stack: Any) -> None:
    """Let MEMORY, which is forgotten, be told again."""
    with connect(**stack) as client:
        memory = client.restore_memory(memory_id)
    show_json(memory) if as_json else click.echo(_state(memory))


@memories.command(cls=Command)
@click.argument("memory_id", metavar="MEMORY")
@json_option
@stack_options
def delete(memory_id: str, *, as_json: bool, **stack: Any) -> None:
    """Delete MEMORY with its ratings."""
    with connect(**stack) as client:
        memory = client.delete_memory(memory_id)
    show_json(memory) if as_json else click.echo(f"deleted: {plain(memory.text)}")


@memories.command(cls=Command)
@click.option("--repository", help="Only what was learned in this repository.")
@click.option("--forgotten", is_flag=True, help="Forgotten ones instead of the others.")
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=False),
    default="-",
    metavar="FILE",
    help="File to write.  [default: standard output]",
)
@stack_options
def export(*, repository: str | None, forgotten: bool, output: TextIO, **stack: Any) -> None:
    """Write memories as lines of JSON, which `import` reads; those that are not forgotten."""
    with connect(**stack) as client:
        client.export_memories(output, repository=repository, forgotten=forgotten)


@memories.command("import", cls=Command)
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--repository", help="Take all of them as learned in this repository.")
@json_option
@stack_options
def import_(file: TextIO, *, repository: str | None, as_json: bool, **stack: Any) -> None:
    """Add the memories of FILE; what is known already adds nothing.

    Faulty lines are left out and named; mend them and import the whole file again.
    """
    with connect(**stack) as client:
        done = client.import_memories(_lines(file), repository=repository)
    if as_json:
        show_json(done)
    else:
        click.echo(f"{done.added} added, {done.known} known before")
    if done.faulty:
        told = "".join(f"\n  line {fault.line}: {fault.message}" for fault in done.faults)
        raise InvalidInput(f"faulty lines, which were left out: {done.faulty}{told}", field="file")


def _lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of a file; one that is longer than any is taken has its end cut off."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        while line and not line.endswith("\n"):
            line = file.readline(LONGEST_LINE + 1)


def _show(found: list[Memory], *, as_json: bool, none: str) -> None:
    if as_json:
        show_json(found)
        return
    show_table(
        ("id", "type", "where", "uses", "text"),
        [
            (m.id, m.type, "everywhere" if m.is_global else m.repository, m.uses, m.text)
            for m in found
        ],
        spare=("where", "uses"),
        none=none,
    )


def _state(memory: Memory) -> str:
    """Return in one line what people and agents say of a memory, and whether it is told."""
    rated = f"rated useful {memory.useful}, useless {memory.useless}, wrong {memory.wrong}"
    return f"{rated}; {'forgotten' if memory.forgotten_at else 'told to agents'}"


def _facts(memory: Memory) -> Iterator[tuple[str, str]]:
    yield "type", memory.type
    yield "repository", f"{memory.repository}{' (told in all)' if memory.is_global else ''}"
    if memory.files:
        yield "files", ", ".join(memory.files)
    if memory.tags:
        yield "tags", ", ".join(memory.tags)
    if memory.task_id:
        yield "learned in task", memory.task_id
    elif memory.origin_task_id:
        yield "imported; learned in task", memory.origin_task_id
    if memory.commit:
        yield "at commit", memory.commit
    yield "told to agents", str(memory.uses)
    if memory.forgotten_at:
        yield "forgotten", f"{memory.forgotten_at:%Y-%m-%d}, {memory.forgotten_because}"
    yield "rated", f"useful {memory.useful}, useless {memory.useless}, wrong {memory.wrong}"
