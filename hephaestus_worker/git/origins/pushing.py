"""Pushes with compare-and-swap through git's own protocol."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.origin import Address, PushRefused, RefLocked

# Answers of servers when another push came first.
_LOST_RACE = (
    *("stale info", "fetch first", "reference already exists", "incorrect old value"),
    "but expected",
)
# Answers that leave open what was in the way of the branch; the server's messages may tell.
_NOT_SET = ("failed to update ref", "cannot lock ref", "failed to lock")
_LOCK_FILE = re.compile(r"Unable to create '([^']+\.lock)': File exists")
# A server's words about commits without a signature; not those about lines "Signed-off-by".
_SIGNATURES = re.compile(r"\b(?:un)?signed\b(?![- ]?off)|\bsignatures?\b|\bgpg\b", re.IGNORECASE)


def push(place: Address, mirror: Path, commit: str, branch: str, *, expected: str | None) -> bool:
    """Set the branch to the commit if it points to `expected`; False if it does not.

    Raises:
        PushRefused: the origin says no for another reason.
        GitError: it cannot be reached.
    """
    _push_large_files(place, mirror, commit)
    ref = f"refs/heads/{branch}"
    done = git.run(
        *place.options,
        *("push", "--porcelain", "--no-verify", "--no-recurse-submodules"),
        *(f"--force-with-lease={ref}:{expected or ''}", "--", place.url, f"{commit}:{ref}"),
        doing=f"push '{branch}' to {place.shown}",
        git_dir=mirror,
        env=place.env,
        server=True,
        allowed=(0, 1),
        timeout=git.NETWORK,
    )
    if done.status == 0:
        return True
    verdict = _verdict(done, ref)
    if not verdict:
        raise git.GitError(f"push '{branch}' to {place.shown}", done)
    told = git.brief("\n".join(_told_by_server(done.stderr)))
    if any(words in verdict for words in _LOST_RACE):
        return False
    if any(words in verdict for words in _NOT_SET):
        if not told or any(words in told for words in _LOST_RACE):
            return False
        if "File exists" in told:
            raise is_locked(branch, place.shown, told)
        if "cannot create" in told:
            raise name_is_taken(branch, place.shown, told)
    raise _refused(branch, place.shown, verdict, told)


def _refused(branch: str, shown: str, verdict: str, told: str) -> PushRefused:
    remedy = "Allow this host's user to push this branch, or choose another one."
    if _SIGNATURES.search(told):
        remedy = (
            "It demands signed commits, and neither the worker nor its merges sign any. Exempt "
            "the branches 'hephaestus/*' and this host's user from that rule."
        )
    because = f" ({told})" if told else ""
    return PushRefused(f"{shown} refused '{branch}': {verdict}{because}. {remedy}")


def _push_large_files(place: Address, mirror: Path, commit: str) -> None:
    """Upload the Git LFS files that the commit needs and the origin lacks."""
    if not (mirror / "lfs" / "objects").is_dir() or shutil.which("git-lfs") is None:
        return
    git.run(
        *place.options,
        # Git LFS compares with the branches of the remote of this name.
        *("-c", f"remote.origin.url={place.url}", "lfs", "push", "origin", commit),
        doing=f"upload the Git LFS files of {commit[:12]} to {place.shown}",
        git_dir=mirror,
        env=place.env,
        server=True,
        timeout=git.BULK,
    )


def drop(place: Address, mirror: Path, branches: Mapping[str, str]) -> list[str]:
    """Delete the branches that point to these commits; return the deleted ones.

    A branch that has moved, or that the origin protects, stays.

    Raises:
        GitError: it cannot be reached.
    """
    refs = {f"refs/heads/{name}": commit for name, commit in branches.items()}
    done = git.run(
        *place.options,
        *("push", "--porcelain", "--no-verify"),
        *(f"--force-with-lease={ref}:{commit}" for ref, commit in refs.items()),
        *("--", place.url, *(f":{ref}" for ref in refs)),
        doing=f"delete merged branches of {place.shown}",
        git_dir=mirror,
        env=place.env,
        server=True,
        allowed=(0, 1),
        timeout=git.NETWORK,
    )
    gone = (line.split("\t") for line in done.text.splitlines() if line.startswith("-\t"))
    return [ref.removeprefix(":refs/heads/") for _, ref, *_ in gone]


def _verdict(done: git.Finished, ref: str) -> str:
    for line in done.text.splitlines():
        flag, *rest = line.split("\t")
        if flag == "!" and rest and rest[0].endswith(f":{ref}"):
            return rest[-1]
    return ""


def _told_by_server(stderr: str) -> list[str]:
    lines = (line.strip() for line in stderr.splitlines() if line.startswith("remote:"))
    return [line.removeprefix("remote:").strip() for line in lines]


def name_is_taken(branch: str, shown: str, told: str) -> RepositoryError:
    """Return the error for two branches of which one name is a folder of the other."""
    return PushRefused(
        f"Branch '{branch}' cannot be made in {shown}: {told}. "
        "Rename the branch that stands in its way."
    )


def is_locked(branch: str, shown: str, told: str) -> RefLocked:
    """Return the error for a branch whose lock file exists, for moments or for ever."""
    lock = _LOCK_FILE.search(told)
    named = f"the lock file {lock[1]} exists" if lock else told
    return RefLocked(
        f"Branch '{branch}' cannot be set in {shown}: {named}. If no git process is at work "
        "there, one was killed and left it behind: delete it.",
        details={"transient": True},
    )
