"""Repositories that an agent makes inside its worktree are saved as files, history included."""

import pytest

from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import Host, Repo, branch_of


def _inner(agent: Repo, path: str = "inner") -> Repo:
    inner = Repo.make(agent.path / path)
    return inner.write({"code.py": "print(1)\n", "run.sh": "#!/bin/sh\n", ".gitignore": "*.tmp\n"})


def _save(agent: Repo) -> dict[str, str]:
    tip = worktrees.save(agent.path, message="save").tip
    return agent.files(tip)


def test_a_repository_without_a_commit(host: Host) -> None:
    agent = host.worktree()
    inner = _inner(agent)
    (inner.path / "run.sh").chmod(0o755)
    (inner.path / "link").symlink_to("code.py")
    inner.write({"no.tmp": "x", "odd\nname": "y"})
    agent.write({"beside": "1"})
    files = _save(agent)
    assert {path for path in files if path.startswith("inner/")} == {
        *("inner/code.py", "inner/run.sh", "inner/link", "inner/.gitignore", "inner/odd\nname"),
    }
    assert files["inner/run.sh"].startswith("100755")
    assert files["inner/link"].startswith("120000")
    assert "beside" in files


@pytest.mark.parametrize("committed_by_agent", [False, True])
def test_a_repository_with_commits_keeps_its_history(host: Host, committed_by_agent: bool) -> None:
    agent = host.worktree()
    inner = _inner(agent)
    first = inner.commit({"code.py": "print(0)\n"})
    inner.write({"code.py": "print(1)\n", "uncommitted": "x"})
    if committed_by_agent:
        agent.git("add", "--all")
        agent.git("commit", "--quiet", "-m", "as a pointer")
        assert agent.files()["inner"].startswith("160000")
    files = _save(agent)
    assert {"inner/code.py", "inner/uncommitted"} <= set(files)
    assert "inner" not in files
    tip = host.branch_tip()
    assert agent.show(tip, "inner/code.py") == "print(1)"
    kept = host.in_mirror("for-each-ref", "--format=%(objectname)", "refs/hephaestus/embedded")
    assert first in kept.splitlines()


def test_saving_goes_on_while_the_repository_changes(host: Host) -> None:
    agent = host.worktree()
    inner = _inner(agent)
    inner.commit({})
    _save(agent)
    assert not worktrees.is_dirty(agent.path)
    inner.commit({"code.py": "print(2)\n", "later": "1", "run.sh": None})
    files = _save(agent)
    assert agent.show(host.branch_tip(), "inner/code.py") == "print(2)"
    assert "inner/later" in files
    assert "inner/run.sh" not in files


def test_repositories_within_repositories(host: Host) -> None:
    agent = host.worktree()
    _inner(agent)
    deep = _inner(agent, "inner/vendor/deep")
    deep.commit({})
    (agent.path / "broken" / ".git").mkdir(parents=True)
    agent.write({"broken/file": "1"})
    files = _save(agent)
    assert {"inner/code.py", "inner/vendor/deep/code.py", "broken/file"} <= set(files)


def test_a_worktree_of_the_agents_own(host: Host) -> None:
    agent = host.worktree()
    agent.git("worktree", "add", "--quiet", "-b", "side", "aside")
    agent.write({"aside/new": "1"})
    assert "aside/new" in _save(agent)


def test_what_the_outer_rules_ignore_stays_out(host: Host) -> None:
    agent = host.worktree()
    agent.write({".gitignore": "node_modules/\nskipped/\n"})
    _inner(agent).write({"node_modules/x/index.js": "1"})
    _inner(agent, "skipped")
    files = _save(agent)
    assert "inner/code.py" in files
    assert not [path for path in files if "node_modules" in path or path.startswith("skipped")]


def test_declared_submodules_stay_pointers_and_their_commits_are_kept(
    user: Repo, host: Host
) -> None:
    library = Repo.make(user.path.with_name("library"))
    first = library.commit({"lib": "1"})
    user.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path))
    user.commit({})
    agent = host.worktree(commit=host.mirror.resolve("main"))
    assert agent.files()["library"] == f"160000 {first}"
    assert _save(agent)["library"] == f"160000 {first}"
    agent.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    inner = Repo(agent.path / "library")
    inner.git("config", "user.name", "x")
    inner.git("config", "user.email", "x@y")
    second = inner.commit({"lib": "2"})
    assert _save(agent)["library"] == f"160000 {second}"
    kept = host.in_mirror("for-each-ref", f"refs/hephaestus/embedded/{branch_of('one')}")
    assert second in kept
    inner.write({"uncommitted": "3"})
    _save(agent)
    saved = host.in_mirror("for-each-ref", "--format=%(refname)", "--points-at", second)
    kept_under = saved.splitlines()[0].removesuffix("/HEAD").removesuffix("/heads/main")
    assert Repo(host.mirror.path).show(f"{kept_under}/hephaestus/uncommitted", "uncommitted") == "3"
    assert inner.git("status", "--porcelain") == "?? uncommitted"
    host.push(host.branch_tip())
    worktrees.remove(host.mirror, agent.path)
