"""Worktrees come from the mirror, are found again, and go only when nothing is lost by it."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import attempt_branch, worktrees
from tests.integration.git.making import Host, Repo, branch_of
from tests.undeletable import undeletable

#: What Python tells its audit hooks before it changes files or runs a command.
_CHANGES: Final = frozenset({"os.rename", "os.remove", "os.rmdir", "subprocess.Popen"})
_FEWEST_STEPS: Final = 8
_FEWEST_STEPS_OF_MAKING: Final = 3


def test_a_worktree_has_the_commits_files_on_its_own_branch(user: Repo, host: Host) -> None:
    agent = host.worktree()
    assert (agent.path / "src/app.py").read_text() == "print('hello')\n"
    assert agent.git("symbolic-ref", "HEAD") == "refs/heads/hephaestus/task/one"
    assert agent.tip() == user.tip()
    assert agent.git("status", "--porcelain") == ""
    assert user.git("worktree", "list").count("\n") == 0


def test_asking_again_keeps_the_worktree_as_it_is(host: Host) -> None:
    agent = host.worktree()
    agent.write({"draft": "precious"})
    assert host.worktree().path == agent.path
    assert (agent.path / "draft").read_text() == "precious"


def test_another_branch_at_the_same_path_is_refused(host: Host) -> None:
    agent = host.worktree()
    with pytest.raises(RepositoryError, match="belongs to branch 'hephaestus/task/one'"):
        worktrees.add(host.mirror, agent.path, branch="hephaestus/task/x", commit=agent.tip())


def test_a_folder_with_something_in_it_is_refused(host: Host, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    commit = host.mirror.resolve("main")
    with pytest.raises(RepositoryError, match="is not empty"):
        worktrees.add(host.mirror, tmp_path / "full", branch="x", commit=commit)
    assert (tmp_path / "full" / "file").exists()


def test_a_worktree_whose_making_was_killed_is_made_again(host: Host) -> None:
    path = host.worktree().path
    path.with_name(".one.worktree").unlink()
    (path / "src" / "app.py").unlink()
    agent = host.worktree()
    assert (agent.path / "src" / "app.py").exists()
    assert not (host.mirror.path / "worktrees").exists()
    assert worktrees.save(agent.path, message="save").tip == host.mirror.resolve("main")


def test_a_branch_that_is_left_goes_on_where_it_was(user: Repo, host: Host) -> None:
    tip = host.work("one", {"a": "1"})
    worktrees.remove(host.mirror, host.worktrees / "one")
    base = user.tip()
    host.in_mirror("branch", "--no-track", branch_of("one"), tip)
    assert host.worktree(commit=base).tip() == tip


def test_a_branch_that_is_left_elsewhere_is_replaced_and_kept(user: Repo, host: Host) -> None:
    tip = host.work("one", {"a": "1"})
    worktrees.remove(host.mirror, host.worktrees / "one")
    other = user.commit({"b": "2"})
    host.in_mirror("branch", "--no-track", branch_of("one"), tip)
    assert host.worktree(commit=host.mirror.resolve("main")).tip() == other
    kept = f"refs/hephaestus/replaced/{branch_of('one')}/{tip[:12]}"
    assert host.in_mirror("rev-parse", kept) == tip


def test_names_that_are_left_out_stay_in_every_commit_and_in_no_checkout(
    user: Repo, host: Host
) -> None:
    first = user.tip()
    other = user.commit({"AGENTS.md": "other"})
    commit = user.commit(
        {
            **dict.fromkeys(("a/b/agents.MD", ".codex/config.toml", "a/.codex/rules"), "x"),
            **dict.fromkeys((".github/copilot-instructions.md", ".github/ci", "a/AGENTS"), "x"),
            "AGENTS.md": "obey",
        }
    )
    host.mirror.fetch_commit(None, commit)
    path = host.worktrees / "one"
    names = ("AGENTS.md", ".codex", ".github/copilot-instructions.md")
    branch = branch_of("one")
    for _ in range(2):
        worktrees.add(host.mirror, path, branch=branch, commit=commit, left_out=names)
    agent = Repo(path)
    seen = {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}
    assert seen == {".git", "README.md", "src/app.py", "a/AGENTS", ".github/ci"}
    assert agent.git("status", "--porcelain", "--ignored") == ""
    assert agent.show("HEAD", "AGENTS.md") == "obey"
    assert set(agent.git("diff", "--name-only", first, "HEAD").split()) >= {"AGENTS.md"}
    agent.git("checkout", "--quiet", other)
    assert not (path / "AGENTS.md").exists()
    agent.git("checkout", "--quiet", branch)
    agent.write({"src/app.py": "mended", "new": "1"})
    saved = worktrees.save(path, message="save")
    assert agent.git("diff", "--name-only", commit, saved.tip).split() == ["new", "src/app.py"]
    host.push(saved.tip)
    worktrees.remove(host.mirror, path)
    assert not path.exists()


def test_many_at_once(host: Host) -> None:
    commit = host.mirror.resolve("main")
    with ThreadPoolExecutor(8) as pool:
        names = [f"a{number}" for number in range(8)]
        agents = list(pool.map(lambda name: host.worktree(name, commit=commit), names))
    assert all((agent.path / "README.md").exists() for agent in agents)


def test_an_agents_prune_takes_nothing_of_its_work(host: Host) -> None:
    one, two = host.worktree("one"), host.worktree("two")
    committed = one.commit({"committed": "1"})
    (one.path / ".git").unlink()
    two.git("worktree", "prune")
    subprocess.run(
        ["git", "--git-dir", host.worktrees / ".one.git", "worktree", "prune"], check=True
    )
    one.write({"new": "1"})
    tip = worktrees.save(one.path, message="save").tip
    assert {"committed", "new"} <= set(two.files(tip))
    assert two.git("merge-base", "--is-ancestor", committed, tip) == ""


def test_dirty_is_what_is_not_on_the_branch(host: Host) -> None:
    agent = host.worktree()
    assert not worktrees.is_dirty(agent.path)
    agent.write({".gitignore": "ignored\n"})
    assert worktrees.is_dirty(agent.path)
    worktrees.save(agent.path, message="save")
    agent.write({"ignored": "1"})
    assert not worktrees.is_dirty(agent.path)
    agent.git("checkout", "--quiet", "--detach")
    agent.commit({"elsewhere": "1"})
    assert worktrees.is_dirty(agent.path)


def test_nothing_is_removed_before_it_is_saved_and_in_the_origin(host: Host) -> None:
    agent = host.worktree()
    agent.write({"work": "1"})
    with pytest.raises(RepositoryError, match=r"holds unsaved work. Save it first"):
        worktrees.remove(host.mirror, agent.path)
    tip = worktrees.save(agent.path, message="save").tip
    with pytest.raises(RepositoryError, match=r"is not in .*Push it first"):
        worktrees.remove(host.mirror, agent.path)
    assert (agent.path / "work").read_text() == "1"
    host.push(tip)
    agent.write({"more": "2"})
    with pytest.raises(RepositoryError, match="Save it first"):
        worktrees.remove(host.mirror, agent.path)
    host.push(worktrees.save(agent.path, message="save").tip)
    worktrees.remove(host.mirror, agent.path)
    assert not agent.path.exists()
    assert not list((host.mirror.path / "worktrees").glob("*"))
    assert branch_of("one") not in host.in_mirror("for-each-ref", "refs/heads")
    worktrees.remove(host.mirror, agent.path)


def test_a_save_that_broke_off_leaves_nothing_to_remove(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = host.worktree()
    agent.write({"work": "1"})

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(attempt_branch, "move", killed)  # its files are in the index by then
        with pytest.raises(KeyboardInterrupt):
            worktrees.save(agent.path, message="save")
    with pytest.raises(RepositoryError, match="holds unsaved work"):
        worktrees.remove(host.mirror, agent.path)
    tip = worktrees.save(agent.path, message="again").tip
    assert agent.show(tip, "work") == "1"


def test_work_off_the_branch_is_not_removed_either(host: Host) -> None:
    agent = host.worktree()
    agent.git("checkout", "--quiet", "-b", "side")
    agent.commit({"side": "1"})
    with pytest.raises(RepositoryError, match="holds unsaved work"):
        worktrees.remove(host.mirror, agent.path)
    worktrees.save(agent.path, message="save")
    with pytest.raises(RepositoryError, match="Push it first"):
        worktrees.remove(host.mirror, agent.path)
    host.push(host.branch_tip())
    worktrees.remove(host.mirror, agent.path)


def test_work_that_a_merge_brought_to_the_origin_may_go(user: Repo, host: Host) -> None:
    tip = host.work("one", {"a": "1"})
    host.merge(tip)
    user.git("branch", "--quiet", "-D", branch_of("one"))
    worktrees.remove(host.mirror, host.worktrees / "one")


def test_a_worktree_without_work_may_go(user: Repo, host: Host) -> None:
    tree = user.git("rev-parse", "HEAD^{tree}")
    made_here = host.in_mirror("commit-tree", tree, "-p", user.tip(), "-m", "only in the mirror")
    agent = host.worktree(commit=made_here)
    worktrees.remove(host.mirror, agent.path)
    assert not agent.path.exists()


def test_write_protected_folders_are_removed(host: Host) -> None:
    host.work("one", {".gitignore": "cache\n", "cache/a/b": "x"})
    (host.worktrees / "one" / "cache" / "a").chmod(0o500)
    worktrees.remove(host.mirror, host.worktrees / "one")
    assert not (host.worktrees / "one").exists()


def test_what_cannot_be_deleted_is_left_aside_until_it_can_be(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    host.work("one", {".gitignore": "cache\n", "cache/a/locked": "x", "cache/b/free": "x"})
    path = host.worktrees / "one"
    with undeletable(path / "cache/a/locked", below=host.worktrees):
        worktrees.remove(host.mirror, path)
        assert not path.exists()
        assert not list((host.mirror.path / "worktrees").glob("*"))
        assert branch_of("one") not in host.in_mirror("for-each-ref", "refs/heads")
        [left] = host.worktrees.rglob("cache/*")
        assert left.name == "a", "what can be deleted is"
        worktrees.remove(host.mirror, path)
        assert caplog.text.count("worktree_left") == 1
        worktrees.delete_left(host.worktrees)
    worktrees.delete_left(host.worktrees)
    assert list(host.worktrees.iterdir()) == []


def test_a_removal_that_was_killed_at_any_step_is_finished(host: Host) -> None:
    for step in range(1, 100):
        name = f"agent-{step}"
        path, branch = host.worktrees / name, branch_of(name)
        tip = host.work(name, {"file": name, ".gitignore": "cache\n", "cache/a": "x"})
        if not _killed_in(partial(worktrees.remove, host.mirror, path), step=step):
            break
        worktrees.delete_left(host.worktrees)
        assert worktrees.branch_at(path) in {branch, None}
        if worktrees.is_made(path):
            assert worktrees.save(path, message="once more").tip == tip
        assert worktrees.vanished(host.worktrees) == []
        worktrees.remove(host.mirror, path)
        assert list(host.worktrees.iterdir()) == [], f"killed at step {step}"
        assert f"{branch}\n" not in host.in_mirror("for-each-ref", "--format=%(refname)")
    assert step > _FEWEST_STEPS
    assert list(host.worktrees.iterdir()) == []


def test_a_making_that_was_killed_at_any_step_is_made_again(user: Repo, host: Host) -> None:
    for step in range(1, 100):
        path = host.worktrees / f"agent-{step}"
        make = partial(
            worktrees.add, host.mirror, path, branch=branch_of(path.name), commit=user.tip()
        )
        if not _killed_in(make, step=step):
            break
        for lock in (host.mirror.path / "refs").rglob("*.lock"):
            os.utime(lock, (0, 0))  # older than a worker that was started since
        make()
        agent = Repo(path)
        assert agent.tip() == user.tip(), f"killed at step {step}"
        assert agent.git("status", "--porcelain") == ""
        assert not list((host.mirror.path / "refs").rglob("*.lock"))
    assert step > _FEWEST_STEPS_OF_MAKING


def _killed_in(deed: Callable[[], None], *, step: int) -> bool:
    """Do the deed in a process that is killed before its change to files, or command, `step`."""
    child = os.fork()
    if child == 0:
        steps = itertools.count(1)

        def watch(event: str, _: object) -> None:
            if event in _CHANGES and next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        with suppress(BaseException):
            deed()
            os._exit(0)
        os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_no_worktree_is_told(tmp_path: Path) -> None:
    for deed in (lambda path: worktrees.save(path, message="x"), worktrees.is_dirty):
        with pytest.raises(RepositoryError, match="There is no worktree at"):
            deed(tmp_path)


def test_hooks_and_templates_of_the_user_do_not_reach_the_mirror(
    user: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    for name in (
        "post-checkout",
        "pre-commit",
        "commit-msg",
        "post-commit",
        "reference-transaction",
    ):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\nexit 1\n")
        (hooks / name).chmod(0o755)
    config = tmp_path / "config"
    config.write_text(
        f"[init]\n\ttemplateDir = {hooks.parent}\n[core]\n\thooksPath = {hooks}\n"
        "[commit]\n\tgpgSign = true\n[user]\n\tsigningKey = nobody\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    host = Host(Mirror.open(str(user.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    agent = host.worktree()
    (agent.path / "new").write_text("1")
    worktrees.save(agent.path, message="save")
    assert not list(tmp_path.glob("ran-*"))
    assert not (host.mirror.path / "hooks").exists()


def test_file_modes_of_the_mirror_are_private(host: Host) -> None:
    assert host.mirror.path.parent.stat().st_mode & 0o077 == 0
    assert host.worktree().path.parent.stat().st_mode & 0o077 == 0
