"""What of new files is saved unasked: what tools leave behind and what is too much is not."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.settings.build_output import BUILD_OUTPUT
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import left_out, worktrees
from hephaestus_worker.git.worktrees.new_files import Rules
from hephaestus_worker.git.worktrees.weighing import Limits
from tests.integration.git.making import Host, Repo, branch_of

RULES = Rules(exclude=BUILD_OUTPUT, limits=Limits(files=10, bytes=10_000))


def _saved(agent: Repo, rules: Rules = RULES) -> set[str]:
    """Save; return the files that the branch has then."""
    return set(agent.files(worktrees.save(agent.path, message="save", rules=rules).tip))


def test_what_tools_leave_behind_is_not_committed(host: Host) -> None:
    agent = host.worktree()
    agent.write(
        {
            "src/new.py": "1",
            "src/__pycache__/new.cpython-312.pyc": "x",
            "web/node_modules/left-pad/index.js": "x",
            "build/kept.txt": "a build folder may hold sources",
            "mine/target/source.c": "so may a folder target",
            "rust/Cargo.toml": "[package]",
            "rust/target/debug/app": "x",
            "cache/CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n",
            "cache/deep/entry": "x",
            "tags/CACHEDIR.TAG": "of another kind",
            "env/pyvenv.cfg": "home = /usr/bin",
            "env/lib/thing.py": "x",
        }
    )
    assert _saved(agent) - {"README.md", "src/app.py"} == {
        *("src/new.py", "build/kept.txt", "mine/target/source.c"),
        *("rust/Cargo.toml", "tags/CACHEDIR.TAG"),
    }
    assert not worktrees.is_dirty(agent.path, RULES)
    assert "?? env/" in agent.git("status", "--porcelain"), "the agent sees what is there"
    host.push(host.branch_tip())
    worktrees.remove(host.mirror, agent.path, RULES)


def test_an_empty_list_of_patterns_excludes_nothing(host: Host) -> None:
    agent = host.worktree()
    agent.write({"node_modules/a": "1", "env/pyvenv.cfg": ""})
    assert {"node_modules/a", "env/pyvenv.cfg"} <= _saved(agent, Rules())


def test_the_repositorys_gitignore_has_the_last_word(host: Host) -> None:
    agent = host.worktree()
    agent.write({".gitignore": "!node_modules/\n*.log\n", "node_modules/a": "1", "b.log": "2"})
    assert "node_modules/a" in (saved := _saved(agent))
    assert "b.log" not in saved


def test_a_folder_with_tracked_files_is_no_rubbish(user: Repo, host: Host) -> None:
    user.commit({"node_modules/dep[1]/index.js": "1", "node_modules/gone.js": "2"})
    agent = host.worktree()
    agent.write(
        {
            "node_modules/dep[1]/index.js": "changed",
            "node_modules/gone.js": None,
            "node_modules/new/index.js": "3",
            "elsewhere/node_modules/x.js": "4",
        }
    )
    saved = _saved(agent)
    assert "node_modules/new/index.js" in saved
    assert "node_modules/gone.js" not in saved
    assert "elsewhere/node_modules/x.js" not in saved
    assert agent.show(host.branch_tip(), "node_modules/dep[1]/index.js") == "changed"


@pytest.mark.parametrize("commits", [False, True], ids=["staged", "committed"])
def test_what_an_agent_adds_itself_is_saved(host: Host, commits: bool) -> None:
    agent = host.worktree()
    agent.write({"node_modules/a.js": "1", "big": b"x" * 50_000})
    agent.git("add", "--all")
    if commits:
        agent.git("commit", "--quiet", "-m", "by hand")
    saved = worktrees.save(agent.path, message="save", rules=RULES)
    assert {"node_modules/a.js", "big"} <= set(agent.files(saved.tip))
    assert saved.left_out == ()


def test_what_is_too_much_stays_out_and_all_else_is_saved(host: Host) -> None:
    agent = host.worktree()
    agent.write({f"data/{n}": "x" for n in range(50)} | {"src/new.py": "1", "README.md": "new"})
    saved = worktrees.save(agent.path, message="save", rules=RULES)
    assert saved.left_out == (LeftOut("data/", 50, 50),)
    assert set(agent.files(saved.tip)) == {"README.md", "src/app.py", "src/new.py"}
    assert agent.show(saved.tip, "README.md") == "new"
    assert (agent.path / "data" / "7").exists()
    assert worktrees.is_dirty(agent.path, RULES)
    assert worktrees.save(agent.path, message="again", rules=RULES) == saved


def test_secrets_and_large_files_stay_out_unless_they_are_committed_by_hand(host: Host) -> None:
    agent = host.worktree()
    agent.write({".env": "KEY=1", "a/server.pem": "x", "dump.sql": b"x" * 2_000_000})
    agent.write({".env.example": "KEY=", "a/new.py": "1"})
    saved = worktrees.save(agent.path, message="save", rules=Rules())
    assert [each.path for each in saved.left_out] == [".env", "a/server.pem", "dump.sql"]
    assert all(each.reason for each in saved.left_out)
    assert set(agent.files(saved.tip)) == {"README.md", "src/app.py", ".env.example", "a/new.py"}
    target = agent.path.parent / "aside"
    left_out.set_aside(agent.path, target, Rules(), saved.left_out)
    assert (target / ".env").read_text() == "KEY=1"
    assert (target / "a/server.pem").exists()
    assert not (agent.path / ".env").exists()

    agent.write({".env": "KEY=2"})
    agent.git("add", "--force", ".env")
    assert ".env" in _saved(agent, Rules())


def test_a_tracked_file_may_grow_as_it_likes(host: Host) -> None:
    agent = host.worktree()
    agent.write({"README.md": "x" * 100_000})
    saved = worktrees.save(agent.path, message="save", rules=RULES)
    assert saved.left_out == ()
    assert agent.show(saved.tip, "README.md") == "x" * 100_000
    assert not worktrees.is_dirty(agent.path, RULES)


def test_off_its_branch_and_in_a_merge_the_rules_are_the_same(host: Host) -> None:
    agent = host.worktree()
    agent.git("checkout", "--quiet", "--detach")
    agent.write({"node_modules/a": "1", "new": "2"} | {f"data/{n}": "x" for n in range(50)})
    saved = worktrees.save(agent.path, message="save", rules=RULES)
    assert set(agent.files(saved.tip)) == {"README.md", "src/app.py", "new"}
    assert saved.left_out == (LeftOut("data/", 50, 50),)


def test_a_repository_within_that_is_too_much_stays_out(host: Host) -> None:
    agent = host.worktree()
    inner = Repo.make(agent.path / "clone")
    tip = inner.commit({f"{n}": "x" for n in range(50)})
    small = Repo.make(agent.path / "small")
    small.commit({"code.py": "1", "node_modules/a": "2"})
    agent.write({"small/node_modules/b": "3"})
    saved = worktrees.save(agent.path, message="save", rules=RULES)
    assert saved.left_out == (LeftOut("clone/", 50, 50),)
    files = set(agent.files(saved.tip))
    assert "small/code.py" in files
    assert "small/node_modules/b" not in files
    assert not any(path.startswith("clone") for path in files)
    aside = host.worktrees.parent / "aside"
    left_out.set_aside(agent.path, aside, RULES)
    assert Repo(aside / "clone").tip() == tip, "with its history"


def test_what_is_left_out_is_set_aside_before_the_worktree_goes(host: Host, tmp_path: Path) -> None:
    agent = host.worktree()
    agent.write({f"data/{n}": "x" for n in range(50)} | {"src/big": "y" * 20_000, "src/a": "1"})
    host.push(worktrees.save(agent.path, message="save", rules=RULES).tip)
    with pytest.raises(RepositoryError, match="holds unsaved work"):
        worktrees.remove(host.mirror, agent.path, RULES)
    # As if an earlier try had been broken off halfway.
    (tmp_path / "aside" / "data").mkdir(parents=True)
    (agent.path / "data" / "0").rename(tmp_path / "aside" / "data" / "0")

    left_out.set_aside(agent.path, tmp_path / "aside", RULES)

    assert len(list((tmp_path / "aside" / "data").iterdir())) == 50
    assert (tmp_path / "aside" / "src" / "big").read_text() == "y" * 20_000
    assert not (tmp_path / "aside" / "src" / "a").exists()
    worktrees.remove(host.mirror, agent.path, RULES)
    assert not agent.path.exists()


KINDS = st.sampled_from(["new", "tracked", "changed", "deleted", "ignored", "excluded", "added"])
FILES = st.dictionaries(
    st.lists(st.sampled_from(["a", "b", "ü c", "-d", "[e]"]), min_size=1, max_size=3).map(tuple),
    st.tuples(KINDS, st.integers(0, 4_000)),
    max_size=25,
)


@pytest.mark.timeout(300)
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(FILES)
def test_of_any_tree_all_is_saved_but_what_the_rules_leave_out(
    tmp_path: Path, drawn: dict[tuple[str, ...], tuple[str, int]]
) -> None:
    files = {
        f"{'/'.join(f'{n}.d' for n in parts[:-1])}/{parts[-1]}".lstrip("/"): kind_size
        for parts, kind_size in drawn.items()
    }
    names = {path: _named(path, kind) for path, (kind, _) in files.items()}
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        agent, host = _tree(Path(folder), files, names)
        before = _on_disk(agent)
        saved = worktrees.save(agent.path, message="save", rules=RULES)
        committed = set(agent.files(saved.tip)) - {".gitignore"}
        left = {
            names[path]
            for path, (kind, _) in files.items()
            if kind == "new" and any(_lies_in(names[path], each) for each in saved.left_out)
        }
        for path, (kind, _) in files.items():
            should = kind not in {"deleted", "ignored", "excluded"} and names[path] not in left
            assert (names[path] in committed) == should, (kind, names[path])
        new = [size for path, (kind, size) in files.items() if kind == "new"]
        if len(new) <= RULES.limits.files and sum(new) <= RULES.limits.bytes:
            assert saved.left_out == ()
        assert _on_disk(agent) == before, "nothing is lost from the worktree"
        left_out.set_aside(agent.path, Path(folder) / "aside", RULES)
        aside = _on_disk(Repo(Path(folder) / "aside"))
        # What is within the limits without the rest is saved next.
        again = worktrees.save(agent.path, message="again", rules=RULES)
        assert left <= aside.keys() | set(agent.files(again.tip))
        assert {name: before[name] for name in aside}.items() == aside.items()
        host.push(again.tip)
        worktrees.remove(host.mirror, agent.path, RULES)


@pytest.mark.timeout(300)
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(FILES)
@example({("a",): ("new", 3840), ("a", "a"): ("new", 3951), ("b",): ("new", 2210)})
def test_of_any_tree_what_is_not_committed_comes_back_as_it_was(
    tmp_path: Path, drawn: dict[tuple[str, ...], tuple[str, int]]
) -> None:
    rules = replace(RULES, commits=False)
    files = {
        f"{'/'.join(f'{n}.d' for n in parts[:-1])}/{parts[-1]}".lstrip("/"): kind_size
        for parts, kind_size in drawn.items()
    }
    names = {path: _named(path, kind) for path, (kind, _) in files.items()}
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        agent, host = _tree(Path(folder), files, names)
        before = (_on_disk(agent), agent.git("status", "--porcelain", "-uall"), agent.tip())
        first = worktrees.save(agent.path, message="save", rules=rules)
        saved = worktrees.save(agent.path, message="again", rules=rules)
        # What is within the limits without the rest is saved next.
        assert saved == first or first.left_out
        assert (_on_disk(agent), agent.git("status", "--porcelain", "-uall"), agent.tip()) == before
        assert saved.tip == before[2]
        second = Repo(host.worktrees / "two")
        worktrees.add(
            *(host.mirror, second.path),
            branch=branch_of("two"),
            commit=saved.tip,
            uncommitted=saved.uncommitted,
        )
        expected = {
            names[path]: before[0][names[path]]
            for path, (kind, _) in files.items()
            if kind not in {"deleted", "ignored", "excluded"}
            and (kind != "new" or not any(_lies_in(names[path], each) for each in saved.left_out))
        }
        assert _on_disk(second) == expected | {".gitignore": b"*.log\n"}
        assert second.git("diff", "--cached", "--name-only") == ""
        if saved.uncommitted is not None or saved.left_out:
            with pytest.raises(RepositoryError, match="holds unsaved work"):
                worktrees.remove(host.mirror, agent.path, rules)
        if saved.uncommitted is not None:
            host.push(saved.uncommitted)
        left_out.set_aside(agent.path, Path(folder) / "aside", rules)
        worktrees.remove(host.mirror, agent.path, rules)


@pytest.mark.parametrize("elsewhere", [("--detach",), ("-b", "other")])
def test_commits_off_the_branch_come_to_it_and_what_is_not_committed_does_not(
    host: Host, elsewhere: tuple[str, ...]
) -> None:
    rules = replace(RULES, commits=False)
    agent = host.worktree()
    agent.commit({"on": "1\n"})
    agent.git("checkout", "--quiet", *elsewhere, "HEAD~1")
    agent.commit({"away": "2\n"})
    agent.write({"open": "3\n"})
    saved = worktrees.save(agent.path, message="save", rules=rules)
    assert set(agent.files(saved.tip)) == {"README.md", "src/app.py", "on", "away"}
    assert saved.uncommitted is not None
    assert set(agent.files(saved.uncommitted)) - set(agent.files(saved.tip)) == {"open"}
    assert agent.git("rev-parse", f"{saved.uncommitted}^1") == saved.tip


def _named(path: str, kind: str) -> str:
    if kind == "ignored":
        return f"{path}.log"
    if kind == "excluded":
        return f"node_modules/{path}"
    return path


def _lies_in(path: str, left: LeftOut) -> bool:
    in_no_folder = left.path == "./" and "/" not in path
    in_folder = left.path.endswith("/") and path.startswith(left.path)
    return path == left.path or in_no_folder or in_folder


def _on_disk(repo: Repo) -> dict[str, bytes]:
    return {
        str(file.relative_to(repo.path)): file.read_bytes()
        for file in repo.path.rglob("*")
        if file.is_file() and file.name != ".git"
    }


def _tree(
    folder: Path, files: dict[str, tuple[str, int]], names: dict[str, str]
) -> tuple[Repo, Host]:
    """Make a worktree with such files: what is tracked, what is changed, what is new."""
    user = Repo.make(folder / "user")
    contents = {names[path]: "x" * size for path, (_, size) in files.items()}
    known = {"tracked", "changed", "deleted"}
    user.commit(
        {".gitignore": "*.log\n"}
        | {names[p]: contents[names[p]] for p, (kind, _) in files.items() if kind in known}
    )
    host = Host(Mirror.open(str(user.path), folder / "mirrors"), folder / "worktrees")
    agent = host.worktree()
    for path, (kind, _) in files.items():
        name = names[path]
        if kind == "deleted":
            (agent.path / name).unlink()
        elif kind != "tracked":
            agent.write({name: contents[name] + ("!" if kind == "changed" else "")})
        if kind == "added":
            agent.git("--literal-pathspecs", "add", "--", name)
    return agent, host
