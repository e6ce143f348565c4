"""Plays of behaviours: each a workflow on a repository of its own, until it comes to rest."""

import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from bench.behaviours.folders import Behaviour, Files
from bench.behaviours.seen import Seen, look_at
from bench.surroundings import git
from hephaestus_core.contract.statuses import WorkflowStatus
from hephaestus_sdk import HephaestusSDK
from workflows.bug_fix import BUG_FIX_DEFINITION
from workflows.prd_to_software import PRD_DEFINITION

#: The definitions that behaviours may play in, as they ship.
DEFINITIONS: Final = {each.id: each for each in (BUG_FIX_DEFINITION, PRD_DEFINITION)}
#: Seconds for all plays of a stack together.
TIME_LIMIT: Final = 600.0
_POLL_SECONDS: Final = 0.5
#: Seconds that a command on the base branch may take.
_ACCEPT_SECONDS: Final = 60


@dataclass(frozen=True)
class Play:
    """One workflow under way."""

    workflow_id: str
    repository: Path
    first: str
    """The commit at which the base branch began."""


@dataclass(frozen=True)
class Ended:
    """A play at rest, or one that did not come to rest in time."""

    seen: Seen
    rested: bool
    moved: bool
    """The base branch is not where it began."""
    right: bool
    """The command that shows the right work succeeds on the base branch."""


def play_all(
    sdk: HephaestusSDK, behaviours: Sequence[Behaviour], folder: Path
) -> dict[str, tuple[Ended, Ended]]:
    """Play mistakes and honest twins side by side; return both of each behaviour, by its name.

    Twins that are the same to the letter are played once.
    """
    for name in {behaviour.workflow for behaviour in behaviours}:
        sdk.client.register(DEFINITIONS[name])
    plays: dict[str, Play] = {}
    keys: dict[tuple[str, bool], str] = {}
    for behaviour in behaviours:
        for is_honest in (False, True):
            key = _key(behaviour, behaviour.honest if is_honest else behaviour.mistake)
            keys[behaviour.name, is_honest] = key
            if key not in plays:
                plays[key] = _begin(sdk, behaviour, folder / key, is_honest=is_honest)
    rested = _wait(sdk, plays.values())
    accepts = {keys[b.name, h]: b.accept for b in behaviours for h in (False, True)}
    ended = {
        key: _look(sdk, play, accepts[key], rested=play.workflow_id in rested)
        for key, play in plays.items()
    }
    return {b.name: (ended[keys[b.name, False]], ended[keys[b.name, True]]) for b in behaviours}


def _key(behaviour: Behaviour, files: Files) -> str:
    """Return the same text for the same play."""
    asked = (behaviour.workflow, behaviour.launch, behaviour.options, behaviour.accept)
    return sha256(repr((asked, sorted(files.items()))).encode()).hexdigest()[:12]


def _begin(sdk: HephaestusSDK, behaviour: Behaviour, folder: Path, *, is_honest: bool) -> Play:
    repository = _make_repository(folder, behaviour.honest if is_honest else behaviour.mistake)
    workflow_id = sdk.start_workflow(
        behaviour.workflow,
        title=f"{behaviour.name}, {'honest' if is_honest else 'mistake'}",
        launch_params=behaviour.launch,
        main_repo_path=str(repository),
        **behaviour.options,
    )
    return Play(workflow_id, repository, git("rev-parse", "main", folder=repository))


def _make_repository(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    git("init", "-q", "-b", "main", folder=folder)
    git("add", "-A", folder=folder)
    git("commit", "-q", "-m", "The project", folder=folder)
    return folder


def _wait(sdk: HephaestusSDK, plays: Iterable[Play]) -> set[str]:
    """Wait until nothing goes on by itself; return the workflows that have come to rest."""
    waiting = {play.workflow_id for play in plays}
    rested: set[str] = set()
    deadline = time.monotonic() + TIME_LIMIT
    while waiting and time.monotonic() < deadline:
        now = {w.id for w in sdk.client.workflows() if w.id in waiting and w.condition.finished}
        rested, waiting = rested | now, waiting - now
        time.sleep(_POLL_SECONDS)
    return rested


def _look(sdk: HephaestusSDK, play: Play, accept: str, *, rested: bool) -> Ended:
    seen = look_at(sdk, play.workflow_id)
    if seen.workflow.status == WorkflowStatus.ACTIVE:
        sdk.client.stop_workflow(play.workflow_id, "The play is over.")
    moved = git("rev-parse", "main", folder=play.repository) != play.first
    return Ended(seen, rested, moved, right=_accepts(play.repository, accept))


def _accepts(repository: Path, command: str) -> bool:
    """Return whether the command succeeds on a fresh clone of the base branch."""
    clone = repository.with_name(f"{repository.name}-clone")
    git("clone", "-q", "-b", "main", str(repository), str(clone), folder=repository)
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=clone,
        capture_output=True,
        check=False,
        timeout=_ACCEPT_SECONDS,
    )
    return done.returncode == 0
