"""What an agent may put in the place of a file that others read."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

#: The content of a file that an agent must not have read for it: what programs record, too.
SECRET: Final = json.dumps(
    {
        "text": "s3cret",
        "type": "user",
        "message": {"content": "s3cret"},
        "tokenUsage": {"inputTokens": 1},
        "input_tokens": 1,
    }
)


def secret_of(folder: Path) -> Path:
    """Return a file with a secret, beside the agent's folder."""
    path = folder.parent / "secret"
    path.write_text(f"{SECRET}\n")
    return path


def sparse(path: Path) -> None:
    """Make a file of 10 GB that takes no room."""
    with path.open("wb") as file:
        file.truncate(10 * 2**30)


#: No regular file of the agent's own.
STRANGE: Final[dict[str, Callable[[Path], None]]] = {
    "link": lambda path: path.symlink_to(secret_of(path.parent)),
    "second name": lambda path: os.link(secret_of(path.parent), path),
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
}
