"""Runs `git merge-tree --write-tree` and reads its output."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import attributes
from hephaestus_worker.git.objects.object_store import SHA1_LENGTH, UNCOMPRESSED, ObjectStore

#: A merge has the same result on every host, and no configuration can name a driver.
_NO_CONFIG: Final = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
}
#: Whatever counts in a merge is unspecified, and the one built-in macro is as git has it.
_NO_OTHER_RULES: Final = (
    b"[attr]binary -diff -merge -text\n"
    b"* !merge !conflict-marker-size !text !crlf !eol !working-tree-encoding !ident !filter\n"
)


@dataclass(frozen=True)
class Entry:
    """One file of a tree: its mode ("100644", "120000", "160000", …) and its object."""

    mode: str
    object_id: str


@dataclass(frozen=True)
class Finding:
    """One message of the merge: git's short name of the type, and the paths it is about."""

    type: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """The tree of a merge, its conflicts if it is not clean, and all that git found."""

    tree: str
    stages: dict[str, dict[int, Entry]]
    all_findings: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the conflicts."""
        return tuple(each for each in self.all_findings if each.type.startswith("CONFLICT"))

    @property
    def is_clean(self) -> bool:
        return not self.stages and not self.findings

    @property
    def both_changed(self) -> set[str]:
        """Return the paths that both sides changed, whether they could be merged or not."""
        return {*self.stages, *(path for finding in self.all_findings for path in finding.paths)}


class Unrelated(RepositoryError):
    """Two commits have no common history, so nothing tells what either side changed."""


def merge(
    store: ObjectStore,
    ours: str,
    theirs: str,
    *,
    rules_of: str | None = None,
    related: bool = True,
) -> Merged:
    """Merge two commits without any checkout; the resulting tree is in the store.

    The tree of an unclean merge holds conflict markers: never commit it as it is.

    Args:
        rules_of: the commit whose `.gitattributes` count; None: `ours`. A merge driver that they
            name is not run, whatever any configuration says: such a file is merged as text.
        related: False for commits of one attempt, whose agent may have begun a new history: all
            files of both are kept.

    Raises:
        Unrelated: they have no common history.
    """
    unrelated = () if related else ("--allow-unrelated-histories",)
    merged = _merge(store, (*unrelated, ours, theirs), b"")
    # Attributes matter for files that both sides changed. Most merges have none.
    rules = attributes.that_count_for(store, rules_of or ours, merged.both_changed)
    return _merge(store, (*unrelated, ours, theirs), rules) if rules else merged


def _merge(store: ObjectStore, arguments: Sequence[str], rules: bytes) -> Merged:
    ours, theirs = arguments[-2:]
    with tempfile.TemporaryDirectory(prefix="hephaestus-merge-") as name:
        folder = Path(name)
        _make_plain(folder, ours)
        # To normalize lines, git insists on a folder of files. It would add the rules at the top
        # of the merge's own result; those in `info/attributes` outrank them.
        work_tree = _with_rules(folder, rules) if rules else None
        done = git.run(
            *UNCOMPRESSED,
            # Line ends as the rules want them, on all three sides.
            *("-c", f"merge.renormalize={'true' if rules else 'false'}"),
            *("-c", "core.attributesFile=/dev/null"),
            *("merge-tree", "--write-tree", "--messages", "-z", *arguments),
            doing=f"merge {theirs[:12]} into {ours[:12]}",
            git_dir=folder,
            work_tree=work_tree,
            env=_NO_CONFIG | store.env,
            allowed=(0, 1, 128),
            timeout=git.NETWORK,
        )
    if done.status not in (0, 1):
        raise _failure(ours, theirs, done)
    tokens = iter(os.fsdecode(done.stdout).split("\0"))
    return Merged(next(tokens), _read_stages(tokens), tuple(_read_findings(tokens)))


def _failure(ours: str, theirs: str, done: git.Finished) -> RepositoryError:
    if "unrelated histories" in done.stderr:
        return Unrelated(
            f"{theirs[:12]} and {ours[:12]} have no commit in common, so nothing tells what either "
            "side changed, and they are not merged. Merge them by hand if that is meant, and it "
            "goes on by itself."
        )
    return git.GitError(f"merge {theirs[:12]} into {ours[:12]}", done)


def _with_rules(folder: Path, rules: bytes) -> Path:
    """Give a git folder rules of its own; return an empty folder of files."""
    (folder / "info").mkdir()
    (folder / "info" / "attributes").write_bytes(_NO_OTHER_RULES + rules)
    (folder / "files").mkdir()
    return folder / "files"


def _make_plain(folder: Path, commit: str) -> None:
    """Make a git folder that knows no refs, attributes, grafts or drivers: it has only objects."""
    (folder / "refs").mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    sha256 = len(commit) > SHA1_LENGTH
    (folder / "config").write_text(
        f"[core]\n\tbare = true\n\trepositoryformatversion = {int(sha256)}\n"
        + ("[extensions]\n\tobjectFormat = sha256\n" if sha256 else "")
    )


def _read_stages(tokens: Iterator[str]) -> dict[str, dict[int, Entry]]:
    stages: dict[str, dict[int, Entry]] = {}
    for token in tokens:
        if not token:  # the empty one between stages and messages
            break
        facts, path = token.split("\t", 1)
        mode, object_id, stage = facts.split(" ")
        stages.setdefault(path, {})[int(stage)] = Entry(mode, object_id)
    return stages


def _read_findings(tokens: Iterator[str]) -> Iterator[Finding]:
    for count in tokens:
        if not count.isdecimal():
            continue  # the end, or advice on submodules that git prints after the messages
        paths = tuple(next(tokens) for _ in range(int(count)))
        kind = next(tokens)
        next(tokens)  # the sentence for people
        yield Finding(kind, paths)


def read_tree(store: ObjectStore, treeish: str) -> dict[str, Entry]:
    """Return every file of a commit or tree by its path."""
    listed = store.git(
        *("ls-tree", "-r", "-z", "--full-tree", treeish),
        doing=f"list the files of {treeish[:12]}",
    )
    files = {}
    for line in os.fsdecode(listed.stdout).split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, _, object_id = facts.split(" ")
            files[path] = Entry(mode, object_id)
    return files
