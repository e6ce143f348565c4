"""The vendored browser libraries: read from the one list of them, and fetched again from npm.

For a newer version, write it into the list's column and run ``make vendored``: files, licences,
their names and hashes follow. Templates and scripts that name a file are named for you to change.
"""

import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import hephaestus_web

STATIC: Final = Path(hephaestus_web.__file__).parent / "static"
VENDOR: Final = STATIC / "vendor"
LIST: Final = VENDOR / "README.md"
_LICENCES: Final = ("package/license", "package/licence")
_ROW: Final = re.compile(
    r"^\| `(?P<file>[^`]+)` \| npm `(?P<package>[^`]+)`, `(?P<path>[^`]+)` \| (?P<version>[^ |]+)"
    r" \| (?P<licence>[^ |]+) \(`(?P<text>[^`]+)`\) \| `(?P<hash>[0-9a-f]{64})` \|$"
)


@dataclass(frozen=True)
class Vendored:
    """One file as the list names it."""

    file: str
    package: str
    path: str
    """In the package."""
    version: str
    licence: str
    text: str
    """File with the licence's text."""
    hash: str

    @property
    def row(self) -> str:
        """Return its line of the list."""
        return (
            f"| `{self.file}` | npm `{self.package}`, `{self.path}` | {self.version}"
            f" | {self.licence} (`{self.text}`) | `{self.hash}` |"
        )


def vendored() -> list[Vendored]:
    """Return all files of the list."""
    found = map(_ROW.match, LIST.read_text().splitlines())
    return [Vendored(**row.groupdict()) for row in found if row is not None]


def hash_of(file: str) -> str:
    """Return the SHA-256 of a vendored file."""
    return sha256((VENDOR / file).read_bytes()).hexdigest()


def fetch(wanted: Vendored, folder: Path) -> Vendored:
    """Fetch the package of the version in the list; returns its line as it is then."""
    argv = ["npm", "pack", "--json", f"{wanted.package}@{wanted.version}"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, check=True, timeout=120)
    archive = folder / json.loads(done.stdout)[0]["filename"].replace("@", "").replace("/", "-")
    file, text = (_named(name, wanted.version) for name in (wanted.file, wanted.text))
    with tarfile.open(archive) as package:
        names = package.getnames()
        licence = next(
            name for name in names if re.match(r"package/LICEN[CS]E", name, re.IGNORECASE)
        )
        members = {file: f"package/{wanted.path}", text: licence}
        for target, member in members.items():
            source = package.extractfile(member)
            assert source is not None, member
            (VENDOR / target).write_bytes(source.read())
        described = package.extractfile("package/package.json")
        assert described is not None
        licence_name = json.load(described)["license"]
    return replace(wanted, file=file, text=text, licence=licence_name, hash=hash_of(file))


def _named(name: str, version: str) -> str:
    """Return a file's name with the version in place of the one that it names."""
    return re.sub(r"-\d+\.\d+\.\d+", f"-{version}", name)


def main() -> None:
    """Fetch every file of the list again, and say what has changed."""
    listed = LIST.read_text()
    for before in vendored():
        with tempfile.TemporaryDirectory() as folder:
            now = fetch(before, Path(folder))
        listed = listed.replace(before.row, now.row)
        print(f"{now.file}: {'as listed' if now == before else 'changed'}")
        if now.file != before.file:
            (VENDOR / before.file).unlink()
            (VENDOR / before.text).unlink(missing_ok=True)
            print(f"  name it in place of {before.file} where pages do")
    LIST.write_text(listed)


if __name__ == "__main__":
    main()
