"""The commands of a document: its blocks marked `console`, as one script of a shell."""

from shlex import quote
from typing import Final

from hephaestus_worker.reviews.documents.markdown import Block, Document

#: The word behind the fence of a block whose commands run.
MARK: Final = "console"
_PROMPT: Final = "$ "
_MORE: Final = "> "


def blocks(document: Document) -> list[Block]:
    """Return the blocks of a document whose commands run."""
    return [each for each in document.blocks if each.info.split()[:1] == [MARK]]


def script(path: str, document: Document) -> str:
    """Return one script of all commands of a document, which ends with the first that fails.

    Each block begins with a line of output that names it. What it changes, such as the current
    folder, is so for the next block, as for a reader.
    """
    parts = ["set -e"]
    for block in blocks(document):
        parts += [f"echo {quote(f'--- {path}:{block.line}')}", _commands(block.text)]
    return "\n".join(parts)


def _commands(text: str) -> str:
    """Return the commands of a block: behind `$`, else all lines."""
    lines = text.splitlines()
    if not any(line.startswith(_PROMPT) for line in lines):
        return text
    kept, more = [], False
    for line in lines:
        command = line.startswith(_PROMPT) or (more and line.startswith(_MORE))
        if command:
            kept.append(line[len(_PROMPT) :])
        more = command
    return "\n".join(kept)
