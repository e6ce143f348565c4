"""The private repository of an attempt, which borrows the objects of the mirror.

An agent may do anything to it: no other attempt and no merge reads it. It is a bare repository
with one worktree, so that it outlives the worktree's folder.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.config_text import quoted
from hephaestus_worker.git.objects import refs
from hephaestus_worker.git.origins import filters
from hephaestus_worker.git.origins.mirror import Mirror

#: No branch checked out; the worktree has a HEAD of its own.
_HEAD = "ref: refs/heads/none\n"
_SEEN = ("refs/tags", "refs/remotes/origin")
_WORK = "refs/remotes/origin/hephaestus/"


def make(mirror: Mirror, path: Path) -> None:
    """Make the repository without a branch; its `origin` is the mirror's origin.

    Agents see tags and the origin's branches, but not those of other attempts. A push of theirs
    fails: their work is saved and pushed for them.
    """
    shutil.rmtree(path, ignore_errors=True)
    for folder in ("objects/info", "objects/pack", "refs/heads", "info"):
        (path / folder).mkdir(parents=True, mode=0o700)
    (path / "HEAD").write_text(_HEAD)
    (path / "config").write_text(_config(mirror))
    (path / "packed-refs").write_text(_refs(mirror))
    (path / "objects/info/alternates").write_text(f"{mirror.path / 'objects'}\n")
    ignored = mirror.path / "info" / "exclude"
    if ignored.is_file():
        shutil.copyfile(ignored, path / "info" / "exclude")
    filters.copy_keys(mirror.path, path)


def add_worktree(
    private: Path,
    worktree: Path,
    *,
    branch: str | None,
    commit: str,
    left_out: Sequence[str] = (),
) -> None:
    """Check the commit out into the new worktree, on a new branch of this name or on none.

    The result is that of `git worktree add`, which starts up to three git processes more.

    Args:
        left_out: names of files and folders that the checkout lacks, as a sparse one does: for
            git nothing has changed, and each commit that is checked out later lacks them too.
    """
    admin = private.resolve() / f"worktrees/{worktree.name}"
    for folder in (admin, worktree):
        folder.mkdir(parents=True, exist_ok=True)
    if branch is not None:
        ref = private / "refs/heads" / branch
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(f"{commit}\n")
    (admin / "HEAD").write_text(f"ref: refs/heads/{branch}\n" if branch else f"{commit}\n")
    (admin / "commondir").write_text("../..\n")
    (admin / "gitdir").write_text(f"{worktree.resolve() / '.git'}\n")
    (worktree / ".git").write_text(f"gitdir: {admin}\n")
    if left_out:
        _leave_out(private, admin, left_out)
    git.run(
        *("reset", "--hard", "--quiet"),
        doing=f"make the worktree {worktree}",
        git_dir=admin,
        work_tree=worktree,
        server=True,
        timeout=git.BULK,
    )


def _leave_out(private: Path, admin: Path, names: Iterable[str]) -> None:
    (admin / "info").mkdir(exist_ok=True)
    patterns = ["/*", *(f"!**/{_of_any_case(name)}" for name in names)]
    (admin / "info" / "sparse-checkout").write_text("".join(f"{line}\n" for line in patterns))
    with (private / "config").open("a") as config:
        config.write("[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = false\n")


def _of_any_case(name: str) -> str:
    # A file system may take another spelling for the same file, whatever git takes it for.
    return "".join(f"[{each.lower()}{each.upper()}]" if each.isalpha() else each for each in name)


def remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def _config(mirror: Mirror) -> str:
    """Return the mirror's configuration, with the origin as a remote to fetch from."""
    remote = (
        '[remote "origin"]\n'
        f"\turl = {quoted(mirror.source.key)}\n"
        "\tpushurl = hephaestus-pushes-your-work-for-you\n"
        "\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
    )
    return f"{(mirror.path / 'config').read_text().rstrip()}\n{remote}"


def _refs(mirror: Mirror) -> str:
    """Return the refs that agents see, as lines of a packed-refs file."""
    seen = refs.listed(mirror.path, *_SEEN)
    if seen is None:
        seen = _told(mirror)
    lines = (f"{seen[ref]} {ref}\n" for ref in sorted(seen) if not ref.startswith(_WORK))
    return "".join(lines)


def _told(mirror: Mirror) -> dict[str, str]:
    listed = git.run(
        *("for-each-ref", "--format=%(refname) %(objectname)", *_SEEN),
        doing=f"read the branches of {mirror.path}",
        git_dir=mirror.path,
    )
    return dict(line.split(" ", 1) for line in listed.text.splitlines())
