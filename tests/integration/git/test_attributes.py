"""The target's `.gitattributes` count in merges; drivers that they or others name are never run."""

import tempfile
from pathlib import Path

import pytest

from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.objects.object_store import ObjectStore
from tests.integration.git.making import TARGET, Host, Repo, branch_of

TEXT = "".join(f"line {number}\n" for number in range(12))
FIRST, LAST = TEXT.replace("line 0\n", "first\n"), TEXT.replace("line 11\n", "last\n")
BOTH = FIRST.replace("line 11\n", "last\n")


@pytest.fixture
def user(tmp_path: Path) -> Repo:
    repo = Repo.make(tmp_path / "user")
    repo.commit({"f": TEXT, "d/e/log": TEXT, "d/f": TEXT}, at=1_000_000)
    return repo


def told(host: Host, ours: str, theirs: str) -> list[tuple[str, str, str]]:
    """Merge both; return the conflicts of the second."""
    _, second = host.merge(ours, theirs)
    assert second.status == "merged"
    return [(each.path, each.kind, each.kept) for each in second.conflicts]


def both_sides(host: Host, path: str, ours: str = FIRST, theirs: str = LAST) -> tuple[str, str]:
    return (
        host.work("ours", {path: ours}, at=3_000_000),
        host.work("theirs", {path: theirs}, at=2_000_000),
    )


@pytest.mark.parametrize(
    ("file", "rule", "path"),
    [
        (".gitattributes", "log merge=union", "d/e/log"),
        (".gitattributes", "/d/e/* merge=union", "d/e/log"),
        ("d/.gitattributes", "e/log merge=union", "d/e/log"),
        ("d/e/.gitattributes", "log merge=union", "d/e/log"),
        (".gitattributes", "[attr]journal merge=union\nf journal", "f"),
    ],
)
def test_union_keeps_the_lines_of_both(
    user: Repo, host: Host, file: str, rule: str, path: str
) -> None:
    user.commit({file: f"{rule}\n"})
    ours, theirs = both_sides(host, path, f"{TEXT}ours\n", f"{TEXT}theirs\n")

    assert told(host, ours, theirs) == []
    assert user.show(TARGET, path) == f"{TEXT}ours\ntheirs"


@pytest.mark.parametrize("rule", ["-merge", "binary", "merge=binary"])
def test_a_file_that_is_not_to_be_merged_is_one_sides_whole(
    user: Repo, host: Host, rule: str
) -> None:
    user.commit({".gitattributes": f"f {rule}\n"})
    ours, theirs = both_sides(host, "f")

    assert told(host, ours, theirs) == [("f", "binary", "ours")]
    assert f"{user.show(TARGET, 'f')}\n" == FIRST


@pytest.mark.parametrize("rule", ["f text", "* text=auto", "f text eol=crlf", "f eol=lf"])
def test_line_ends_that_the_target_normalized_are_no_conflict(
    user: Repo, host: Host, rule: str
) -> None:
    user.git("config", "core.autocrlf", "false")
    user.commit({"f": TEXT.replace("\n", "\r\n")})
    theirs = host.worktree("theirs")
    theirs.git("config", "core.autocrlf", "false")
    theirs.commit({"f": LAST.replace("\n", "\r\n")})
    host.push(theirs.tip(), "theirs")
    ours = host.work("ours", {"f": FIRST, ".gitattributes": f"{rule}\n"})

    assert told(host, ours, theirs.tip()) == []
    assert f"{user.show(TARGET, 'f')}\n" == BOTH


def test_line_ends_count_for_nothing_without_a_rule(user: Repo, host: Host) -> None:
    user.commit({"f": TEXT.replace("\n", "\r\n")})
    ours, theirs = both_sides(host, "f", FIRST, LAST.replace("\n", "\r\n"))

    assert told(host, ours, theirs) == [("f", "content", "ours")]


def test_the_rules_are_the_targets(user: Repo, host: Host) -> None:
    ours = host.work("ours", {"f": FIRST})
    theirs = host.work("theirs", {"f": LAST, ".gitattributes": "* -merge\n"})
    later = host.work("later", {"f": TEXT.replace("line 5", "later")}, at=1_000_001)

    outcomes = host.merge(ours, theirs, later)

    assert [len(outcome.conflicts) for outcome in outcomes] == [0, 0, 1]
    assert f"{user.show(TARGET, 'f')}\n" == BOTH


def test_a_child_starts_by_the_targets_rules(user: Repo, host: Host) -> None:
    user.commit({".gitattributes": "f merge=union\n"})
    parent = host.work("parent", {"f": f"{TEXT}parent\n", ".gitattributes": "f -merge\n"})
    host.merge(host.work("other", {"f": f"{TEXT}other\n"}))

    start = merges.start_commit(
        host.mirror, parent=parent, target_branch=TARGET, base_branch="main", policy="manual"
    )

    assert Repo(host.mirror.path).show(start, "f") == f"{TEXT}parent\nother"


@pytest.mark.parametrize("driver", ["custom", "union", "text", "binary"])
def test_no_configured_driver_is_run(
    user: Repo, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    ran = tmp_path / "ran"
    everybodys = tmp_path / "gitconfig"
    everybodys.write_text(
        f'[merge "{driver}"]\n\tdriver = touch {ran}\n[merge]\n\tdefault = custom\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(everybodys))
    for repository in (user, Repo(host.mirror.path)):
        repository.git("config", f"merge.{driver}.driver", f"touch {ran}; exit 0")
        repository.git("config", "merge.default", "custom")
    user.commit({".gitattributes": f"f merge={driver}\n"})
    ours, theirs = both_sides(host, "f")

    conflicts = told(host, ours, theirs)

    assert not ran.exists()
    assert conflicts == ([("f", "binary", "ours")] if driver == "binary" else [])
    expected = FIRST if driver == "binary" else BOTH
    assert f"{user.show(TARGET, 'f')}\n" == expected


def test_no_rules_but_the_commits_count(
    user: Repo, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for git_dir in (user.path / ".git", host.mirror.path):
        (git_dir / "info").mkdir(exist_ok=True)
        (git_dir / "info" / "attributes").write_text("* -merge\n")
    (tmp_path / "attributes").write_text("* -merge\n")
    (tmp_path / "gitconfig").write_text(f"[core]\n\tattributesFile = {tmp_path / 'attributes'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    ours, theirs = both_sides(host, "f")

    assert told(host, ours, theirs) == []


def test_what_is_no_plain_file_of_attributes_is_not_read(user: Repo, host: Host) -> None:
    (user.path / ".gitattributes").symlink_to("rules")
    user.commit(
        {
            "rules": "* -merge\n",
            "d/.gitattributes/f": "* -merge\n",
            "d/e/.gitattributes": f"* -merge\n{'#' * (1 << 20)}",
        }
    )
    tips = {"ours": FIRST, "theirs": LAST}
    for name, content in tips.items():
        agent = host.worktree(name)
        agent.commit({"f": content, "d/f": content, "d/e/log": content})
        host.push(agent.tip(), name)
        tips[name] = agent.tip()

    assert told(host, **tips) == []


def test_a_tree_with_a_path_out_of_it_writes_no_file_elsewhere(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No checkout can have such a tree, but an agent can make one with `git mktree --missing`."""
    store = ObjectStore(host.mirror.path)

    def commit(name: str, text: str, at: int) -> str:
        def put(kind: str, content: bytes) -> str:
            return store.put(kind, content, like=host.mirror.resolve("main"))

        def tree(*entries: tuple[str, str, str]) -> str:
            rows = (f"{mode} {name}\0".encode() + bytes.fromhex(key) for mode, name, key in entries)
            return put("tree", b"".join(rows))

        blob, rules = put("blob", text.encode()), put("blob", b"* -merge\n")
        inner = tree(("100644", ".gitattributes", rules), ("100644", "f", blob))
        top = tree(("40000", "..", inner), ("100644", "f", blob))
        main = host.mirror.resolve("main")
        who = f"A <a@example.org> {at} +0000"
        text = f"tree {top}\nparent {main}\nauthor {who}\ncommitter {who}\n\n{name}\n"
        return put("commit", text.encode())

    ours, theirs = commit("ours", FIRST, 2_000_000), commit("theirs", LAST, 2_000_001)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    before = set(tmp_path.rglob(".gitattributes"))

    for name, tip in (("ours", ours), ("theirs", theirs)):
        assert host.mirror.push(tip, branch_of(name), expected=None)
        host.merge(tip)

    assert set(tmp_path.rglob(".gitattributes")) == before
