"""The text of git configuration files."""

from collections.abc import Iterator
from typing import Final

from hephaestus_worker.git import command as git

#: Settings of a person that change which bytes are committed, and by whom. All others may hold
#: logins, run programs or need keys, such as `url`, `http`, `credential` and `commit.gpgSign`.
_OF_CONTENT: Final = ("core.autocrlf", "core.eol", "filter.", "user.email", "user.name")


def content_settings() -> str:
    """Return the settings of this host's user that decide on the content of commits."""
    listed = git.run(
        *("config", "--global", "--includes", "--null", "--list"),
        doing="read the settings of this user's git",
        allowed=(0, 128),  # 128: there are none
    )
    return "".join(_entries(listed.text.split("\0")))


def _entries(found: list[str]) -> Iterator[str]:
    for each in found:
        key, is_set, value = each.partition("\n")
        if key.startswith(_OF_CONTENT):
            section, _, rest = key.partition(".")
            sub, _, name = rest.rpartition(".")
            head = f"[{section} {quoted(sub)}]" if sub else f"[{section}]"
            yield f"{head}\n\t{name} = {quoted(value if is_set else 'true')}\n"


def quoted(value: str) -> str:
    """Return a value, or the middle part of a key, as it stands in a file."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
