"""The command ``memories``: what agents have learned, and what people make of it."""

import json
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO

import click

from hephaestus_core.contract.statuses import MemoryRating, MemoryType
from hephaestus_sdk.api.memory_views import Memory
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, CommandGroup, show_json
from hephaestus_sdk.cli.tables import show_table
from hephaestus_sdk.cli.terminal import show_hanging
from hephaestus_sdk.errors import Conflict, InvalidInput

#: What a line of an export has; an import reads all but the commit.
_KEPT: Final = ("repository", "type", "text", "also", "tags", "files", "is_global", "commit")
#: Most characters of a line of an import, far above any memory.
_LONGEST_LINE: Final = 200_000
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
        _show(found, as_json=as_json)


@memories.command(cls=Command)
@click.argument("repository")
@click.argument("question")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True)
@json_option
@stack_options
def search(repository: str, question: str, *, limit: int, as_json: bool, **stack: Any) -> None:
    """Find what bears on QUESTION, such as the text of a task, as agents would."""
    with connect(**stack) as client:
        _show(client.search_memories(repository, question, limit=limit), as_json=as_json)


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
@json_option
@stack_options
def add(repository: str, text: str, *, type_: str, as_json: bool, **options: Any) -> None:
    """Add TEXT to what is known of REPOSITORY; the same again adds nothing."""
    told = {name: options.pop(name) for name in ("tags", "files")}
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
    "--output", type=click.File("w", encoding="utf-8", lazy=False), default="-", metavar="FILE"
)
@stack_options
def export(*, repository: str | None, forgotten: bool, output: TextIO, **stack: Any) -> None:
    """Write memories as lines of JSON, which `import` reads; those that are not forgotten."""
    with connect(**stack) as client:
        for memory in client.memories(repository=repository, forgotten=forgotten):
            line = {name: getattr(memory, name) for name in _KEPT}
            output.write(json.dumps(line, ensure_ascii=False) + "\n")


@memories.command("import", cls=Command)
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--repository", help="Take all of them as learned in this repository.")
@json_option
@stack_options
def import_(file: TextIO, *, repository: str | None, as_json: bool, **stack: Any) -> None:
    """Add the memories of FILE; what is known already adds nothing.

    The lines before a faulty one have been added then; import the whole file again.
    """
    added = known = 0
    with connect(**stack) as client:
        for number, line in enumerate(_lines(file), start=1):
            told = _told(line, number)
            is_new = _add(client, repository or told.get("repository"), told, number)
            added, known = added + is_new, known + (not is_new)
            if sys.stderr.isatty() and number % 100 == 0:
                click.echo(f"{number} lines read", err=True)
    if as_json:
        show_json({"added": added, "known": known})
        return
    click.echo(f"{added} added, {known} known before")


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_LONGEST_LINE):
        yield line


def _told(line: str, number: int) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise InvalidInput(
            f"line {number} is no JSON object; `export` shows the form", field="file"
        )
    return told


def _add(client: Any, repository: Any, told: dict[str, Any], number: int) -> bool:
    """Add one memory with the other texts that say the same; say whether it is new."""
    try:
        texts = [told["text"], *told.get("also", [])]
        given = {name: told.get(name, []) for name in ("tags", "files")}
        first: Memory = client.add_memory(repository, told["type"], texts[0], **given)
        is_new = first.created_at == first.saved_at
        for text in texts[1:]:
            client.add_memory(repository, told["type"], text, **given)
        if told.get("is_global") and not first.is_global:
            is_new = _made_global(client, first, given, is_new=is_new) and is_new
    except KeyError as missing:
        raise InvalidInput(f"line {number} has no {missing}", field="file") from missing
    except InvalidInput as error:
        raise InvalidInput(f"line {number}: {error}", field="file") from error
    return is_new


def _made_global(client: Any, memory: Memory, given: dict[str, Any], *, is_new: bool) -> bool:
    """Tell a memory everywhere, unless one with these words is told so already."""
    try:
        client.edit_memory(memory.id, memory.type, memory.text, **given, is_global=True)
    except Conflict:
        if is_new:
            client.delete_memory(memory.id)
        return False
    return True


def _show(found: list[Memory], *, as_json: bool) -> None:
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
    if memory.commit:
        yield "at commit", memory.commit
    yield "told to agents", str(memory.uses)
    if memory.forgotten_at:
        yield "forgotten", f"{memory.forgotten_at:%Y-%m-%d}, {memory.forgotten_because}"
    yield "rated", f"useful {memory.useful}, useless {memory.useless}, wrong {memory.wrong}"
