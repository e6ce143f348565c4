"""Saves the work in a worktree as commits, whatever state the worktree is in."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging import chains
from hephaestus_worker.git.objects import commits
from hephaestus_worker.git.objects.object_store import UNCOMPRESSED, ObjectStore
from hephaestus_worker.git.worktrees import embedded, new_files
from hephaestus_worker.git.worktrees.new_files import NewFiles, Rules
from hephaestus_worker.git.worktrees.place import Place

_PAUSE = 0.05
_MARKERS = re.compile(rb"^<{7} .*?^={7}\r?$.*?^>{7} ", re.MULTILINE | re.DOTALL)
_OURS, _THEIRS = 2, 3


@dataclass(frozen=True)
class Saved:
    """The result of saving a worktree.

    Args:
        tip: the newest commit of the attempt's branch.
        left_out: the files that were not saved.
        uncommitted: a snapshot of uncommitted work, if agents have to commit themselves. It is a
            commit on top of `tip`, on no branch of the mirror.
    """

    tip: str
    left_out: tuple[LeftOut, ...] = ()
    uncommitted: str | None = None


def save(place: Place, message: str, rules: Rules) -> Saved:
    """Save everything but the files that the rules leave out, to the branch or to a snapshot.

    Raises:
        RepositoryError: a file cannot be read; everything else is saved.
    """
    place.clear_stale_locks()
    snapshot = None
    if not rules.commits:
        tip, snapshot, new, unreadable = _save_beside(place, message, rules)
    elif place.is_plain and _index_is_free(place, rules.index_seconds):
        new, unreadable = _stage(place, {}, rules)
        _commit(place, message)
        tip = place.tip()
    else:
        tip, new, unreadable = _save_aside(place, message, rules)
    if unreadable:
        raise RepositoryError(
            f"Not all of {place.folder} could be saved: {git.brief(unreadable)}. "
            "Make those files readable, then save again."
        )
    return Saved(tip, new.left_out, snapshot)


def _index_is_free(place: Place, seconds: float) -> bool:
    """Wait for a git command of the agent to end; return whether the index is free."""
    lock = place.admin / "index.lock"
    deadline = time.monotonic() + seconds
    while lock.exists() and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        place.clear_stale_locks()
    return not lock.exists()


def _stage(place: Place, env: Mapping[str, str], rules: Rules) -> tuple[NewFiles, str]:
    """Put the work into the index; return the new files and git's errors about unreadable files."""
    tracked = _stage_tracked(place, env)
    new = new_files.find(place, env, rules)
    unreadable = [_stage_new(place, env, new.paths)]
    if embedded.absorb_pointers(place, env) and tracked.status:
        tracked = _stage_tracked(place, env)
    if tracked.status not in (0, 1):
        raise git.GitError(f"save the work in {place.folder}", tracked)
    for path, files in new.repositories.items():
        embedded.absorb(place, env, path, files)
    if tracked.status:
        unreadable.append(tracked.stderr)
    return new, "\n".join(filter(None, unreadable))


def _stage_tracked(place: Place, env: Mapping[str, str]) -> git.Finished:
    return place.git(
        *("add", "--update", "--ignore-errors"),
        doing="save the work",
        env=env,
        allowed=(0, 1, 128),
    )


def _stage_new(place: Place, env: Mapping[str, str], paths: Sequence[str]) -> str:
    """Put new files into the index, except files deleted meanwhile; return git's errors."""
    if not paths:
        return ""
    names = os.fsencode("".join(f"{path}\0" for path in paths))
    options = ("update-index", "--add", "--remove", "-z", "--stdin")
    done = place.git(*options, doing="save the work", env=env, stdin=names, allowed=(0, 1, 128))
    if done.status == 0:
        return ""
    # update-index takes all files or none; `git add` is slower and takes every file it can read.
    there = [path for path in paths if os.path.lexists(place.folder / path)]
    added = place.git(
        *("add", "--ignore-errors", "--pathspec-from-file=-", "--pathspec-file-nul"),
        doing="save the work",
        env=env,
        stdin=os.fsencode("".join(f"{path}\0" for path in there)),
        allowed=(0, 1),
    )
    return added.stderr if added.status else ""


def _commit(place: Place, message: str) -> None:
    done = place.git(
        *UNCOMPRESSED,
        *("commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--file=-"),
        doing="save the work",
        stdin=_words(message),
        allowed=(0, 1),
    )
    # git exits with status 1 and no message if there is nothing to commit.
    if done.status and done.stderr.strip():
        raise git.GitError(f"save the work in {place.folder}", done)


def _words(message: str) -> bytes:
    return (message.replace("\0", " ").strip() or "Save work").encode(errors="replace")


def _save_aside(place: Place, message: str, rules: Rules) -> tuple[str, NewFiles, str]:
    """Save without disturbing an unfinished operation of the agent, such as a merge or a rebase.

    Its files and its unresolved index entries stay as they are.
    """
    with _spare_index(place) as env:
        stages = _unmerged(place, env)
        new, unreadable = _stage(place, env, rules)
        tree = _write_tree(place, env)
        marked = [path for path in stages if _has_markers(place.folder / path)]
        if marked:
            _keep(place, "marked", _snapshot(place, tree, message, "marked"))
            _take_out_markers(place, env, {path: stages[path] for path in marked})
            tree = _write_tree(place, env)
    snapshot = _snapshot(place, tree, message, "saved")
    _keep(place, "saved", snapshot)
    tip = _put_on_branch(place, snapshot, message)
    if place.head == f"ref: {place.ref}" and not (place.admin / "index.lock").exists():
        _stage_all_but(place, new.paths, stages)
    return tip, new, unreadable


def _save_beside(place: Place, message: str, rules: Rules) -> tuple[str, str | None, NewFiles, str]:
    """Save uncommitted work as a snapshot beside the branch; the agent's files and index stay."""
    with _spare_index(place) as env:
        new, unreadable = _stage(place, env, rules)
        tree = _write_tree(place, env)
    store = ObjectStore(place.mirror)
    head = _head(place) or place.tip()
    tip = _put_on_branch(place, head, message)
    if tree == store.tree_of(head):
        return tip, None, new, unreadable
    if tip != head:
        # The agent has another commit checked out; its branch may hold further work.
        there = commits.write(store, tree, [head], message)
        tree = store.tree_of(chains.join(store, tip, there, message=message))
    return tip, _uncommitted(place, tip, tree, message), new, unreadable


def _head(place: Place) -> str:
    """Return the commit that is checked out; "" on a branch without commits."""
    return place.git(
        *("rev-parse", "--quiet", "--verify", "HEAD^{commit}"),
        doing="read HEAD",
        allowed=(0, 1, 128),
    ).text


def _uncommitted(place: Place, tip: str, tree: str, message: str) -> str:
    """Return a snapshot on top of the tip: the last one if unchanged, else its successor."""
    last = _last_snapshot(place, "uncommitted")
    if last[1:3] == [tree, tip]:
        return last[0]
    parents = [tip, *last[:1]]
    commit = commits.write(ObjectStore(place.mirror), tree, parents, message)
    _keep(place, "uncommitted", commit)
    return commit


def _last_snapshot(place: Place, kind: str) -> list[str]:
    """Return the last snapshot's commit, tree and parents; an empty list if there is none."""
    return place.git(
        *("log", "-1", "--format=%H %T %P", _snapshot_ref(place, kind)),
        doing="read the last snapshot",
        allowed=(0, 128),
    ).text.split()


@contextmanager
def _spare_index(place: Place) -> Iterator[Mapping[str, str]]:
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        spare = Path(folder) / "index"
        if (place.admin / "index").exists():
            shutil.copy2(place.admin / "index", spare)
        yield {"GIT_INDEX_FILE": str(spare)}


def _unmerged(place: Place, env: Mapping[str, str]) -> dict[str, dict[int, str]]:
    """Return "mode object" by stage for each path with an unresolved conflict."""
    listed = place.git("ls-files", "-u", "-z", doing="list unresolved files", env=env)
    stages: dict[str, dict[int, str]] = {}
    for line in os.fsdecode(listed.stdout).split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, object_id, stage = facts.split(" ")
            stages.setdefault(path, {})[int(stage)] = f"{mode} {object_id}"
    return stages


def _has_markers(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and bool(_MARKERS.search(file.read_bytes()))


def _take_out_markers(
    place: Place, env: Mapping[str, str], marked: Mapping[str, Mapping[int, str]]
) -> None:
    """Replace each file that still has conflict markers by one side's whole version."""
    lines = [
        f"{stages.get(_OURS) or stages.get(_THEIRS) or f'0 {_zeros(stages)}'}\t{path}\0"
        for path, stages in marked.items()
    ]
    place.git(
        *("update-index", "-z", "--index-info"),
        doing="take out conflict markers",
        env=env,
        stdin=os.fsencode("".join(lines)),
    )


def _zeros(stages: Mapping[int, str]) -> str:
    return "0" * len(next(iter(stages.values())).split()[1])


def _stage_all_but(place: Place, new: Sequence[str], unresolved: Collection[str]) -> None:
    """Update the agent's own index to its branch, except for unresolved paths.

    Otherwise the agent's next commit would revert the work just saved.
    """
    listed = place.git(*("ls-files", "--modified", "--deleted", "-z"), doing="list what was saved")
    paths = [*os.fsdecode(listed.stdout).split("\0"), *new]
    place.git(
        *("update-index", "--add", "--remove", "-z", "--stdin"),
        doing="stage what was saved",
        stdin=os.fsencode("".join(f"{p}\0" for p in paths if p and p not in unresolved)),
    )


def _write_tree(place: Place, env: Mapping[str, str]) -> str:
    return place.git("write-tree", doing="save the work", env=env).text


def _snapshot(place: Place, tree: str, message: str, kind: str) -> str:
    """Return a commit of this tree on top of HEAD: HEAD itself, the last snapshot or a new one."""
    found = place.git(
        *("rev-parse", "--quiet", "HEAD^{commit}", "HEAD^{tree}"),
        doing="read HEAD",
        allowed=(0, 1, 128),
    )
    head, head_tree = found.text.split() if found.status == 0 else ("", "")
    if tree == head_tree:
        return head
    last = _last_snapshot(place, kind)
    if last[1:2] == [tree] and last[2:3] == ([head] if head else []):
        return last[0]
    return commits.write(ObjectStore(place.mirror), tree, [head] if head else [], message)


def _snapshot_ref(place: Place, kind: str) -> str:
    return f"refs/hephaestus/snapshots/{kind}/{place.branch}"


def _keep(place: Place, kind: str, commit: str) -> None:
    git.run(
        *("update-ref", _snapshot_ref(place, kind), commit),
        doing="keep a snapshot",
        git_dir=place.mirror,
    )


def _put_on_branch(place: Place, snapshot: str, message: str) -> str:
    """Join the snapshot to the attempt's branch; return the branch's newest commit."""
    tip = place.tip()
    joined = chains.join(ObjectStore(place.mirror), tip, snapshot, message=message)
    if joined != tip:
        git.run(
            *("update-ref", "-m", "hephaestus: saved", place.ref, joined, tip),
            doing=f"save to branch '{place.branch}'",
            git_dir=place.mirror,
        )
        _tell_rebase(place, tip, joined)
    return joined


def _tell_rebase(place: Place, before: str, after: str) -> None:
    """Tell a rebase of the branch that is in progress about the branch's new commit.

    At its end git compares the branch with the commit recorded at its start, and fails if they
    differ.
    """
    for state in ("rebase-merge", "rebase-apply"):
        head_name = place.admin / state / "head-name"
        original = place.admin / state / "orig-head"
        is_ours = head_name.is_file() and head_name.read_text().strip() == place.ref
        if is_ours and original.read_text().strip() == before:
            original.write_text(f"{after}\n")
