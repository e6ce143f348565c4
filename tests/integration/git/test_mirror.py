"""The mirror owns its objects, and the user's repository gains branches and nothing else."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.origins.checkouts import CheckedOut
from hephaestus_worker.git.origins.mirror import Mirror, pack
from hephaestus_worker.git.origins.origin import PushRefused
from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import Host, Repo


def test_opening_at_once_makes_one_mirror(user: Repo, tmp_path: Path) -> None:
    root = tmp_path / "mirrors"
    with ThreadPoolExecutor(8) as pool:
        mirrors = list(pool.map(lambda _: Mirror.open(str(user.path), root), range(8)))
    assert len({mirror.path for mirror in mirrors}) == 1
    assert [path.name for path in root.glob("*.git")] == [mirrors[0].path.name]
    assert not list(root.glob("*.partial"))


def test_a_half_made_mirror_is_made_again(user: Repo, tmp_path: Path) -> None:
    root = tmp_path / "mirrors"
    first = Mirror.open(str(user.path), root)
    partial = first.path.with_suffix(".partial")
    first.path.rename(partial)
    (partial / "HEAD").unlink()
    assert Mirror.open(str(user.path), root).resolve("main") == user.tip()


def test_the_mirror_has_no_remote_and_the_identity_of_the_repository(
    user: Repo, tmp_path: Path
) -> None:
    mirror = Repo(Mirror.open(str(user.path), tmp_path / "a").path)
    assert mirror.git("remote") == ""
    assert mirror.git("config", "user.name") == "A User"
    assert mirror.git("for-each-ref", "--format=%(refname)") == "refs/remotes/origin/main"
    user.git("config", "--unset", "user.email")
    other = Repo(Mirror.open(str(user.path), tmp_path / "b").path)
    assert other.git("config", "user.name") == "Hephaestus"
    assert other.git("config", "user.email") == "hephaestus@localhost"


def _everything(repo: Repo) -> dict[str, bytes]:
    """Return every file of `.git` but objects and branches."""
    git_dir = repo.path / ".git"
    spared = ("objects", "refs/heads/hephaestus", "logs/refs/heads/hephaestus")
    return {
        str(file.relative_to(git_dir)): file.read_bytes()
        for file in git_dir.rglob("*")
        if file.is_file() and not str(file.relative_to(git_dir)).startswith(spared)
    }


def test_the_users_git_gains_branches_and_nothing_else(user: Repo, tmp_path: Path) -> None:
    user.write({"README.md": "being edited", "notes.txt": "mine"})
    user.git("add", "notes.txt")
    before, status = _everything(user), user.git("status", "--porcelain")
    host = Host(Mirror.open(str(user.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    tip = host.work("one", {"src/app.py": "print('bye')\n"})
    assert host.merge(tip)[0].status == "merged"
    worktrees.remove(host.mirror, host.worktrees / "one")
    assert _everything(user) == before
    assert user.git("status", "--porcelain") == status
    assert user.branches() == ["hephaestus/flow", "hephaestus/task/one", "main"]
    assert user.git("fsck", "--strict", "--no-dangling") == ""


def test_objects_are_linked_not_copied(user: Repo, host: Host) -> None:
    tip = host.work("one", {"big": "x" * 100_000})
    name = f"objects/{tip[:2]}/{tip[2:]}"
    theirs, ours = user.path / ".git" / name, host.mirror.path / name
    assert theirs.stat().st_ino == ours.stat().st_ino
    first = user.tip("main")
    name = f"objects/{first[:2]}/{first[2:]}"
    assert (user.path / ".git" / name).stat().st_ino == (host.mirror.path / name).stat().st_ino


def test_the_first_copy_is_packed(user: Repo, host: Host) -> None:
    everything = user.git("rev-list", "--objects", "--no-object-names", "--all").splitlines()
    (index,) = host.mirror.path.glob("objects/pack/*.idx")
    packed = host.in_mirror("verify-pack", "--verbose", str(index)).splitlines()
    assert {line.split()[0] for line in packed} >= set(everything)


def test_gc_after_a_rewrite_by_the_user_breaks_no_worktree(user: Repo, host: Host) -> None:
    old = user.commit({"doomed": "1"})
    agent = host.worktree(commit=host.mirror.resolve("main"))
    user.git("reset", "--quiet", "--hard", "HEAD~1")
    user.git("reflog", "expire", "--expire=now", "--all")
    user.git("gc", "--quiet", "--prune=now")
    assert user.git("cat-file", "-t", old, ok=(0, 128)) == ""
    agent.write({"new": "2"})
    tip = worktrees.save(agent.path, message="save").tip
    assert agent.git("fsck", "--no-dangling") == ""
    # The push brings along what the user's repository has lost.
    host.push(tip)
    assert user.show("hephaestus/task/one", "doomed") == "1"
    assert user.git("fsck", "--no-dangling") == ""


def test_objects_that_the_mirror_has_packed_reach_the_origin(user: Repo, host: Host) -> None:
    agent = host.worktree()
    agent.commit({f"file{number}": str(number) for number in range(30)})
    tip = worktrees.save(agent.path, message="save").tip
    host.in_mirror("repack", "-a", "-d", "-q")
    host.in_mirror("prune-packed")
    host.push(tip)
    assert user.show(tip, "file29") == "29"
    assert user.git("fsck", "--no-dangling") == ""


def test_push_is_a_compare_and_swap(user: Repo, host: Host) -> None:
    first = user.tip()
    second = user.commit({"a": "1"})
    mirror = host.mirror
    assert mirror.resolve("main") == second
    assert mirror.push(first, "hephaestus/x", expected=None)
    assert not mirror.push(second, "hephaestus/x", expected=None)
    assert not mirror.push(second, "hephaestus/x", expected=second[::-1])
    assert mirror.push(second, "hephaestus/x", expected=first)
    assert mirror.push(second, "hephaestus/x", expected=first), "asking again is harmless"
    assert mirror.push(first, "hephaestus/x", expected=second), "it need not go forward"
    assert user.tip("hephaestus/x") == first


@pytest.mark.parametrize("hook", ["pre-receive", "post-receive", None])
def test_a_bare_origins_hooks_and_settings_have_their_say(
    hook: str | None, user: Repo, tmp_path: Path
) -> None:
    bare = Repo(tmp_path / "bare.git")
    user.git("clone", "--quiet", "--bare", ".", str(bare.path))
    if hook:
        script = bare.path / "hooks" / hook
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!/bin/sh\ncat > {tmp_path}/told\n")
        script.chmod(0o755)
    else:
        bare.git("config", "receive.fsckObjects", "true")
    mirror = Mirror.open(str(bare.path), tmp_path / "mirrors")
    tip = mirror.resolve("main")
    assert mirror.push(tip, "hephaestus/x", expected=None)
    assert not mirror.push(tip, "main", expected=None) or bare.tip("main") == tip
    if hook:
        assert f"{tip} refs/heads/hephaestus/x" in (tmp_path / "told").read_text()


def test_a_refusing_hook_is_quoted(user: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    user.git("clone", "--quiet", "--bare", ".", str(bare))
    script = bare / "hooks" / "pre-receive"
    script.parent.mkdir(exist_ok=True)
    script.write_text("#!/bin/sh\necho 'Friday: no pushes' >&2\nexit 1\n")
    script.chmod(0o755)
    mirror = Mirror.open(str(bare), tmp_path / "mirrors")
    with pytest.raises(PushRefused, match=r"pre-receive hook declined.*Friday: no pushes"):
        mirror.push(mirror.resolve("main"), "hephaestus/x", expected=None)


def test_a_branch_in_the_way_is_named(user: Repo, host: Host) -> None:
    user.git("branch", "hephaestus")
    with pytest.raises(PushRefused, match="Rename the branch that stands in its way"):
        host.mirror.push(user.tip(), "hephaestus/x", expected=None)


def test_a_branch_that_the_user_looks_at_moves_only_while_nothing_is_unsaved(
    user: Repo, host: Host
) -> None:
    tip = host.work("one", {"new": "1"})
    assert host.merge(tip)[0].status == "merged"
    user.git("checkout", "--quiet", "hephaestus/flow")
    second = host.work("two", {"newer": "2"})
    assert host.merge(second)[0].status == "merged"
    assert (user.path / "newer").read_text() == "2"
    assert user.git("status", "--porcelain") == ""
    user.write({"README.md": "being edited"})
    third = host.work("three", {"newest": "3"})
    before = user.tip()
    with pytest.raises(CheckedOut, match=r"uncommitted changes \(1 files\). Commit or stash"):
        host.merge(third)
    assert user.tip("hephaestus/flow") == before
    assert (user.path / "README.md").read_text() == "being edited"
    user.git("checkout", "--quiet", "--", "README.md")
    assert host.merge(third)[0].status == "merged"


def test_an_origin_that_vanished_is_told(user: Repo, host: Host) -> None:
    user.path.rename(user.path.with_name("moved"))
    with pytest.raises(RepositoryError, match="does not exist"):
        Mirror.open(str(user.path), host.mirror.path.parent)
    with pytest.raises(RepositoryError, match="read the branches"):
        host.mirror.resolve("main")


def test_a_commit_of_another_host_is_fetched_when_it_is_missing(
    user: Repo, host: Host, tmp_path: Path
) -> None:
    other = Host(Mirror.open(str(user.path), tmp_path / "m2"), tmp_path / "w2")
    tip = other.work("one", {"a": "1"})
    assert not host.mirror.has_commit(tip)
    host.mirror.fetch_commit("hephaestus/task/one", tip)
    assert host.mirror.has_commit(tip)
    assert host.in_mirror("rev-parse", "refs/remotes/origin/hephaestus/task/one") == tip
    with pytest.raises(RepositoryError, match="does not hold commit"):
        host.mirror.fetch_commit("main", "0" * 39 + "1")


def test_a_mirror_is_packed_and_all_goes_on(user: Repo, host: Host) -> None:
    agent = host.worktree()
    tip = agent.commit({f"file{number}": f"{number}\n" for number in range(800)})
    for _ in range(2):  # what the first packs, the second deletes
        pack(host.mirror.path)
    assert host.in_mirror("count-objects").startswith("0 objects")
    assert worktrees.save(agent.path, message="save").tip == tip
    host.push(tip)
    assert host.merge(tip)[0].status == "merged"
    assert len(user.files("hephaestus/flow")) == 802


def test_a_sha256_repository(tmp_path: Path) -> None:
    path = tmp_path / "user"
    path.mkdir()
    user = Repo(path)
    user.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    user.git("config", "user.name", "A")
    user.git("config", "user.email", "a@example.org")
    user.commit({"a": "1\n", "b": "1\n"})
    host = Host(Mirror.open(str(path), tmp_path / "mirrors"), tmp_path / "worktrees")
    tips = [host.work("one", {"a": "2\n"}), host.work("two", {"a": "3\n"})]
    assert [outcome.status for outcome in host.merge(*tips)] == ["merged", "merged"]
    assert len(user.tip("hephaestus/flow")) == 64
    user.git("fsck", "--strict", "--full")


def test_a_git_that_still_writes_to_a_broken_off_copy_meets_nobody(
    user: Repo, tmp_path: Path
) -> None:
    """The worker that started it was killed; the next one makes the copy under another name."""
    root = tmp_path / "mirrors"
    path = Mirror.open(str(user.path), root).path
    stale = path.with_suffix(".partial")
    path.rename(stale)
    older = path.with_suffix(".1234abcd.partial")
    older.mkdir()
    write = f"while :; do mkdir -p {stale}/objects; echo rubbish > {stale}/HEAD; done"
    writer = subprocess.Popen(["/bin/sh", "-c", write])
    try:
        mirror = Mirror.open(str(user.path), root)
    finally:
        writer.kill()
        writer.wait()
    assert mirror.resolve("main") == user.tip()
    assert not older.exists()
    assert {p.name for p in root.iterdir()} - {stale.name} == {
        path.name,
        path.with_suffix(".lock").name,
    }
