"""Keeps an agent's commits that its branch does not hold, under refs of the attempt."""

from collections.abc import Mapping, Sequence
from typing import Final

from hephaestus_core.contract.kept_commits import KeptCommit
from hephaestus_worker.git import command as git
from hephaestus_worker.git.worktrees import agent_state, taking
from hephaestus_worker.git.worktrees.place import Place

#: The most commits that are kept beside one branch, the newest of each kind.
_MOST: Final = 100


def keep(place: Place) -> list[KeptCommit]:
    """Keep what is on other branches, tags, stashes and worktrees of the agent, or was there.

    The commits go to `refs/hephaestus/kept/<branch>/<commit>` of the mirror. Those that cannot be
    read are left. Safe to repeat.
    """
    found = agent_state.all_commits(place)
    tip = place.tip()
    others = [each for each in found if each not in {place.start, tip}]
    if not others:
        return []
    tags = _tags(place)
    here = taking.take_each(place, [each for each in others if each not in tags])
    ends = [KeptCommit(found[each], each) for each in _ends(place, here, tip)][:_MOST]
    lines = [f"update {ref_of(place, each)} {each.commit}\n" for each in ends]
    git.run(
        *("update-ref", "--stdin"),
        doing=f"keep commits beside '{place.branch}'",
        git_dir=place.mirror,
        stdin="".join(lines).encode(),
    )
    return ends


def holds(place: Place, commit: str) -> bool:
    """Return whether a commit is kept beside the attempt's branch."""
    listed = git.run(
        *("for-each-ref", "--count=1", f"--contains={commit}"),
        f"refs/hephaestus/kept/{place.branch}/",
        doing=f"look for {commit[:12]} beside '{place.branch}'",
        git_dir=place.mirror,
        allowed=(0, 129),
    )
    return bool(listed.text.strip())  # 129: the mirror does not have it


def ref_of(place: Place, kept: KeptCommit) -> str:
    return f"refs/hephaestus/kept/{place.branch}/{kept.commit[:12]}"


def _tags(place: Place) -> set[str]:
    """Return the objects of the origin's tags, which every private repository has."""
    listed = git.run(
        *("for-each-ref", "--format=%(objectname)", "refs/tags"),
        doing="read the tags",
        git_dir=place.mirror,
    )
    return set(listed.text.split())


def _ends(place: Place, commits: Sequence[str], tip: str) -> list[str]:
    """Return those commits that neither the tip, the origin nor another of them holds."""
    if not commits:
        return []
    lines = [*commits, f"^{tip}", f"^{place.start}"]
    listed = git.run(
        *("rev-list", "--parents", "--stdin", "--not", "--remotes=origin"),
        doing=f"look for commits beside '{place.branch}'",
        git_dir=place.mirror,
        stdin="".join(f"{line}\n" for line in lines).encode(),
        timeout=git.BULK,
    )
    parents: Mapping[str, list[str]] = {
        commit: above for commit, *above in (line.split() for line in listed.text.splitlines())
    }
    held = {each for above in parents.values() for each in above}
    return [each for each in commits if each in parents and each not in held]
