"""The environment of the measures: a repository of 500 files, and a stack in a temporary home."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hephaestus_sdk import HephaestusSDK, Phase, WorkflowDefinition
from hephaestus_sdk.runtime import ports

FILES = 500
_IN_FOLDER = 25
_LINES = 40
#: The number of files that an agent changes.
_EDITED = 20

#: A folder on the disk of the repositories. A folder for temporary files may be in memory, or so
#: full that ext4 scatters files that belong together: there a new file took 0.1 ms in one folder
#: and 0.7 ms in another.
_DISK = Path(__file__).resolve().parents[1] / "build"

DEFINITION = WorkflowDefinition(
    id="bench",
    name="Bench",
    phases=[
        Phase(
            id=1,
            name="work",
            description="Do the work that the task describes.",
            done_definitions=["The work is done"],
            working_directory=".",
            cli_tool="scripted",
        )
    ],
)


@dataclass(frozen=True)
class Stack:
    """A running stack, its home and its repository."""

    sdk: HephaestusSDK
    home: Path
    repository: Path

    @property
    def host(self) -> str:
        """The name of its only host."""
        return self.sdk.client.hosts()[0].name


@contextmanager
def temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as name:
        yield Path(name)


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    """Yield a folder beside the checkout, on a real disk; delete it at the end."""
    _DISK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-", dir=_DISK) as name:
        yield Path(name)


@contextmanager
def running_stack(*, files: int = FILES, **settings: Any) -> Iterator[Stack]:
    """Start a stack on a new repository; stop it and delete all of it at the end."""
    with temporary_folder() as folder:
        repository = make_repository(folder / "project", files)
        home = folder / "home"
        api_port, ui_port = free_ports()
        with HephaestusSDK(
            workflow_definitions=[DEFINITION],
            home=str(home),
            main_repo_path=str(repository),
            default_cli_tool="scripted",
            mcp_port=api_port,
            ui_port=ui_port,
            **settings,
        ) as sdk:
            yield Stack(sdk, home, repository)


def free_ports() -> tuple[int, int]:
    """Return two ports for one stack, of its API and of its UI."""
    api = ports.choose()
    return api, ports.choose(taken=[api])


def make_repository(folder: Path, files: int = FILES) -> Path:
    """Make a git repository with one commit of small files, 25 in each folder."""
    for number in range(files):
        file = folder / f"part{number % (files // _IN_FOLDER)}" / f"file{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"line {line} of {number}\n" for line in range(_LINES)))
    git("init", "-q", "-b", "main", folder=folder)
    git("add", "-A", folder=folder)
    # git packs many loose objects by itself; in the background, a clone would miss some meanwhile.
    git("-c", "gc.autoDetach=false", "commit", "-q", "-m", "First", folder=folder)
    return folder


def age_indexes() -> None:
    """Wait until the checked out files are older than git's index, to the second.

    git reads every file again that is as new as the index, and real agents take longer than the
    second in which their worktree was made.
    """
    time.sleep(1.1)


def edit_files(folder: Path, number: int) -> None:
    """Ask git for its status, then change 20 files of the repository, as an agent would.

    Two close numbers change different files.
    """
    git("status", folder=folder)
    for edit in range(_EDITED):
        name = (number * _EDITED + edit) % FILES
        file = folder / f"part{name % (FILES // _IN_FOLDER)}" / f"file{name}.txt"
        file.write_text(file.read_text() + f"edit of {number}\n")


def git(*arguments: str, folder: Path) -> str:
    """Run plain git as a person would, with minimal settings, and return its output."""
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@localhost")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout.strip()
