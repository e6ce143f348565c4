"""All commands as Markdown, for ``docs/cli.md``: ``python -m hephaestus_sdk.cli.reference``."""

from collections.abc import Iterator
from inspect import cleandoc

import click

from hephaestus_sdk.cli.main import CONTENTS, EXIT_CODES, main

_HEAD = """# Command line

`hephaestus COMMAND --help` says the same as this page, which is made from it by `make docs`.

Commands that read have `--json`. On a terminal tables and events are in colour, unless `NO_COLOR`
is set; what goes to a pipe or a file has no colours, and tables have one row a line with tabs
between the cells. Wherever an id is taken, its first 6 characters or more are enough.

Commands find their stack by `--url` (or `HEPHAESTUS_URL`) with `--token` (or `HEPHAESTUS_TOKEN`);
without one they mean the local stack of `--home`, by default `~/.hephaestus`.

## Completion

Put one of these lines into your shell's start-up file; then Tab completes commands and options.

```bash
eval "$(_HEPHAESTUS_COMPLETE=bash_source hephaestus)"                 # ~/.bashrc
eval "$(_HEPHAESTUS_COMPLETE=zsh_source hephaestus)"                  # ~/.zshrc
_HEPHAESTUS_COMPLETE=fish_source hephaestus | source                  # ~/.config/fish/config.fish
```"""


def reference() -> str:
    """Return the whole page."""
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parts = [_HEAD, f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}"]
    context = click.Context(main, info_name="hephaestus")
    for heading, names in CONTENTS.items():
        parts.append(f"## {heading}")
        for name in names:
            command = main.get_command(context, name)
            assert command is not None, name
            parts += _sections(command, click.Context(command, context, info_name=name))
    return "\n\n".join(parts) + "\n"


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    yield _section(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, name
            yield from _sections(below, click.Context(below, context, info_name=name))


def _section(command: click.Command, context: click.Context) -> str:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option)]
    words = [context.command_path, *map(_argument, arguments), *(["[OPTIONS]"] if options else [])]
    if isinstance(command, click.Group):
        words.append("[COMMAND]" if command.invoke_without_command else "COMMAND")
    blocks = [f"### {context.command_path}", f"```\n{' '.join(words)}\n```", _prose(command)]
    rows = [f"| `{_option(option)}` | {_told(option)} |" for option in options]
    if rows:
        blocks.append("\n".join(["| option | |", "|---|---|", *rows]))
    return "\n\n".join(blocks)


def _argument(argument: click.Argument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    name = f"{name}…" if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _option(option: click.Option) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    if option.is_flag:
        return names
    if isinstance(option.type, click.Choice):
        values = "\\|".join(map(str, option.type.choices))
        return f"{names} [{values}]"
    return f"{names} {option.metavar or (option.name or '').upper()}"


def _told(option: click.Option) -> str:
    shown = bool(option.show_default) and option.default is not None
    default = f"default {option.default}" if shown else ""
    needed = "required" if option.required else ""
    text = (
        (option.help or "").rstrip(".").replace(".  [", "; ").replace("  [", "; ").replace("]", "")
    )
    return "; ".join(filter(None, (text, default, needed))).replace("|", "\\|")


def _prose(command: click.Command) -> str:
    return cleandoc(command.help or "").replace("\b\n", "")


if __name__ == "__main__":
    print(reference(), end="")
