"""Work is saved in whatever state an agent has left its worktree."""

import os
from pathlib import Path

import pytest

from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.git.worktrees.new_files import Rules
from hephaestus_worker.git.worktrees.weighing import Limits
from tests.integration.git.making import Host, Repo, branch_of


def _save(agent: Repo) -> str:
    return worktrees.save(agent.path, message="save").tip


def _age(file: Path, seconds: float = 60) -> None:
    then = file.stat().st_mtime - seconds
    os.utime(file, (then, then))


def test_everything_that_is_not_ignored_is_committed(host: Host) -> None:
    agent = host.worktree()
    agent.write(
        {
            ".gitignore": "*.log\n",
            "new/deep/file.txt": "1",
            "-dash": "2",
            'with "quotes" and\nnewline': "3",
            "ünïcode": "4",
            "build.log": "no",
            "README.md": None,
        }
    )
    (agent.path / "link").symlink_to("src/app.py")
    (agent.path / "src" / "app.py").chmod(0o755)
    tip = _save(agent)
    assert set(agent.files(tip)) == {
        *(".gitignore", "new/deep/file.txt", "-dash", 'with "quotes" and\nnewline', "ünïcode"),
        *("link", "src/app.py"),
    }
    assert agent.files(tip)["link"].startswith("120000")
    assert agent.files(tip)["src/app.py"].startswith("100755")
    assert "README.md" in agent.git("status", "--porcelain"), "the agent's own index is its own"
    assert _save(agent) == tip, "saving again adds nothing"


def test_a_clean_worktree_gets_no_commit(user: Repo, host: Host) -> None:
    agent = host.worktree()
    assert _save(agent) == user.tip()
    committed = agent.commit({"a": "1"})
    assert _save(agent) == committed
    assert _save(agent) == committed


def test_the_message_may_hold_anything(host: Host) -> None:
    agent = host.worktree()
    agent.write({"a": "1"})
    worktrees.save(agent.path, message="-m\x00 `touch x` $(id)\n\n# kept\n" + "x" * 200_000)
    message = host.in_mirror("log", "-1", "--format=%B", branch_of("one"))
    assert message.startswith("-m  `touch x` $(id)")
    assert "# kept" in message
    agent.write({"a": "2"})
    worktrees.save(agent.path, message="")
    assert host.in_mirror("log", "-1", "--format=%s", branch_of("one")) == "Save work"


def test_an_identity_is_always_there(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    agent = host.worktree()
    agent.write({"a": "1"})
    _save(agent)
    who = host.in_mirror("log", "-1", "--format=%an <%ae>", branch_of("one"))
    assert who == "A User <user@example.org>"


def test_a_large_file(host: Host) -> None:
    agent = host.worktree()
    agent.write({"large": os.urandom(1024) * 64 * 1024})
    agent.git("add", "large")  # A large file is never committed unasked.
    limits = Limits(bytes=100_000_000)
    tip = worktrees.save(agent.path, message="save", rules=Rules(limits=limits)).tip
    assert agent.git("cat-file", "-s", f"{tip}:large") == str(64 * 1024 * 1024)


def test_a_lock_of_a_dead_git_is_removed(host: Host) -> None:
    agent = host.worktree()
    for lock in (
        host.worktrees / ".one.index.lock",
        host.mirror.path / "refs/heads" / f"{branch_of('one')}.lock",
    ):
        lock.touch()
        _age(lock)
        agent.write({f"for {lock.name}": "1"})
        tip = _save(agent)
        assert f"for {lock.name}" in agent.files(tip)
        assert not lock.exists()


def test_locks_of_the_agents_git_hold_up_nothing(host: Host) -> None:
    agent = host.worktree()
    admin = _admin(host)
    locks = [admin / "index.lock", admin / "HEAD.lock"]
    for lock in locks:
        lock.touch()
    agent.write({"a": "1"})
    tip = _save(agent)
    assert agent.show(tip, "a") == "1"
    assert all(lock.exists() for lock in locks)
    assert host.branch_tip() == tip


def _admin(host: Host) -> Path:
    return host.worktrees / ".one.git" / "worktrees" / "one"


def _conflicted(host: Host) -> Repo:
    """Leave an agent in the middle of a merge with one conflict and one resolved file."""
    agent = host.worktree()
    agent.commit({"f": "ours\n", "other": "1\n"})
    agent.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    agent.commit({"f": "theirs\n", "clean": "2\n"})
    agent.git("checkout", "--quiet", branch_of("one"))
    agent.git("merge", "side", ok=(1,))
    return agent


def test_in_the_middle_of_a_merge_no_marker_reaches_the_branch(host: Host) -> None:
    agent = _conflicted(host)
    agent.write({"extra": "3\n"})
    tip = _save(agent)
    assert host.branch_tip() == tip
    assert agent.show(tip, "f") == "ours"
    assert agent.show(tip, "clean") == "2"
    assert agent.show(tip, "extra") == "3"
    marked = f"refs/hephaestus/snapshots/marked/{branch_of('one')}"
    kept = Repo(host.mirror.path).show(marked, "f")
    assert "<<<<<<<" in kept, "the agent's own state is kept too"
    assert "<<<<<<<" in (agent.path / "f").read_text()
    assert "AA f" in agent.git("status", "--porcelain"), "what it must resolve is left to it"
    assert worktrees.save(agent.path, message="again").tip == tip, "saving again adds nothing"
    agent.write({"f": "resolved\n"})
    agent.git("add", "--all")
    agent.git("commit", "--quiet", "-m", "merged")
    assert agent.show(_save(agent), "f") == "resolved"
    assert agent.git("merge-base", "--is-ancestor", "side", "HEAD") == ""


def test_in_the_middle_of_a_merge_with_all_resolved(host: Host) -> None:
    agent = _conflicted(host)
    agent.write({"f": "resolved\n"})
    agent.git("add", "f")
    tip = _save(agent)
    assert agent.show(tip, "f") == "resolved"
    assert agent.show(tip, "clean") == "2"


def test_in_the_middle_of_a_rebase_which_can_go_on(user: Repo, host: Host) -> None:
    agent = host.worktree()
    agent.commit({"f": "mine\n"})
    agent.commit({"g": "more\n"})
    before = agent.tip()
    agent.git("checkout", "--quiet", "-b", "upstream", "HEAD~2")
    agent.commit({"f": "upstream\n"})
    agent.git("checkout", "--quiet", branch_of("one"))
    agent.git("rebase", "--quiet", "upstream", ok=(1,))
    agent.write({"untracked": "3\n"})
    tip = _save(agent)
    assert host.branch_tip() == tip
    assert agent.git("merge-base", "--is-ancestor", before, tip) == ""
    assert agent.show(tip, "g") == "more"
    assert agent.show(tip, "untracked") == "3"
    assert "<<<<" not in agent.show(tip, "f")
    assert worktrees.save(agent.path, message="again").tip == tip
    agent.write({"f": "both\n"})
    agent.git("add", "f")
    agent.git("-c", "core.editor=true", "rebase", "--continue")
    assert agent.git("symbolic-ref", "HEAD") == f"refs/heads/{branch_of('one')}"
    assert agent.show(_save(agent), "f") == "both"


@pytest.mark.parametrize("elsewhere", [("--detach",), ("-b", "other")])
def test_off_its_branch_the_work_comes_back_to_it(host: Host, elsewhere: tuple[str, ...]) -> None:
    agent = host.worktree()
    agent.commit({"on": "1\n"})
    agent.git("checkout", "--quiet", *elsewhere, "HEAD~1")
    away = agent.commit({"away": "2\n"})
    agent.write({"uncommitted": "3\n"})
    tip = _save(agent)
    assert host.branch_tip() == tip
    assert {"on", "away", "uncommitted"} <= set(agent.files(tip))
    assert agent.git("merge-base", "--is-ancestor", away, tip) == ""
    assert agent.tip() == away, "the agent stays where it is"
    assert worktrees.save(agent.path, message="again").tip == tip
    agent.write({"uncommitted": "4\n"})
    assert agent.show(_save(agent), "uncommitted") == "4"


def test_looking_at_an_old_commit_adds_nothing(host: Host) -> None:
    agent = host.worktree()
    tip = agent.commit({"a": "1"})
    agent.git("checkout", "--quiet", "HEAD~1")
    assert _save(agent) == tip


def test_an_orphan_branch(host: Host) -> None:
    agent = host.worktree()
    agent.git("checkout", "--quiet", "--orphan", "fresh")
    agent.write({"only": "1\n"})
    tip = _save(agent)
    assert agent.show(tip, "only") == "1"
    assert _save(agent) == tip
    agent.git("add", "--all")
    agent.git("commit", "--quiet", "-m", "root")
    assert agent.show(_save(agent), "README.md") == "# A project"


def test_an_agent_that_threw_away_git(host: Host) -> None:
    agent = host.worktree()
    (agent.path / ".git").unlink()
    agent.git("init", "--quiet")
    agent.git("config", "user.name", "x")
    agent.git("config", "user.email", "x@y")
    agent.commit({"new": "1"})
    agent.write({"more": "2"})
    tip = _save(agent)
    assert host.branch_tip() == tip
    assert {"new", "more", "README.md"} <= set(Repo(host.mirror.path).files(tip))


def test_an_agent_that_emptied_its_worktree(host: Host) -> None:
    agent = host.worktree()
    agent.git("rm", "-r", "--quiet", ".")
    agent.write({"new": "1"})
    assert list(agent.files(_save(agent))) == ["new"]


def test_strange_settings_of_an_agent_do_no_harm(host: Host) -> None:
    agent = host.worktree()
    for key, value in (("core.hooksPath", "/tmp"), ("core.bare", "true"), ("commit.gpgSign", "1")):
        agent.git("config", key, value)
    (agent.path / "a").write_text("1")
    tip = _save(agent)
    assert Repo(host.mirror.path).show(tip, "a") == "1"
