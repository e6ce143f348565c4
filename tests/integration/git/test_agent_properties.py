"""Whatever an agent does with git, in any order: no commit and no file of it is lost."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import Host, Repo, branch_of

Deed = Callable[[Repo, int], object]
_ANY = (0, 1, 2, 128)


def _commit(agent: Repo, number: int) -> None:
    agent.write({f"f{number % 3}": f"committed {number}\n"})
    agent.git("add", "--all")
    agent.git("commit", "--quiet", "-m", f"work {number}", ok=_ANY)


DEEDS: dict[str, Deed] = {
    "write": lambda agent, number: agent.write({f"f{number % 3}": f"written {number}\n"}),
    "commit": _commit,
    "amend": lambda agent, _: agent.git("commit", "--quiet", "--amend", "-a", "-m", "x", ok=_ANY),
    "branch": lambda agent, number: agent.git("checkout", "--quiet", "-b", f"b{number}", ok=_ANY),
    "back": lambda agent, _: agent.git("checkout", "--quiet", branch_of("one"), ok=_ANY),
    "older": lambda agent, _: agent.git("checkout", "--quiet", "--detach", "HEAD~1", ok=_ANY),
    "reset": lambda agent, _: agent.git("reset", "--quiet", "--hard", "HEAD~1", ok=_ANY),
    "stash": lambda agent, _: agent.git("stash", "--quiet", ok=_ANY),
    "rename": lambda agent, number: agent.git("branch", "-m", f"mine{number}", ok=_ANY),
    "merge": lambda agent, _: agent.git("merge", "--quiet", branch_of("one"), ok=_ANY),
    "unhide": lambda agent, _: agent.git("rm", "-r", "--quiet", "--cached", ".", ok=_ANY),
    "gc": lambda agent, _: agent.git("gc", "--quiet", "--prune=now", ok=_ANY),
    "save": lambda agent, _: worktrees.save(agent.path, message="checkpoint"),
}


@pytest.mark.timeout(300)
@example(["older", "amend"])
@example(["commit", "older"])
@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from(sorted(DEEDS)), max_size=10))
def test_no_commit_and_no_file_is_lost(tmp_path: Path, deeds: list[str]) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        user = Repo.make(Path(folder) / "user")
        user.commit({"f0": "first\n"})
        user.commit({"f1": "second\n"})
        host = Host(Mirror.open(str(user.path), Path(folder) / "m"), Path(folder) / "w")
        agent = host.worktree()
        commits = {agent.tip()}
        for number, deed in enumerate(deeds):
            DEEDS[deed](agent, number)
            commits.add(agent.tip())
        on_disk = {file.name: file.read_text() for file in agent.path.iterdir() if file.is_file()}
        saved = worktrees.save(agent.path, message="save")
        worktrees.keep_other_commits(agent.path)
        mirror = Repo(host.mirror.path)

        held = set(mirror.git("rev-list", "--all").split())
        assert commits <= held
        assert (saved.lost, saved.unread, saved.left_out) == (None, None, ())
        objects = {
            line.split()[0] for line in mirror.git("rev-list", "--objects", "--all").splitlines()
        }
        for name, content in on_disk.items():
            if name != ".git" and "<<<<<<<" not in content:
                assert agent.git("hash-object", name) in objects, name
        assert worktrees.save(agent.path, message="again").tip == saved.tip
        host.push(saved.tip)
        worktrees.remove(host.mirror, agent.path)
