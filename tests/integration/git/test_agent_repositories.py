"""An agent may do anything to its own repository: nothing of it is obeyed, its work is saved."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import Host, Repo, branch_of

Deed = Callable[[Repo], object]


def _save(agent: Repo) -> str:
    return worktrees.save(agent.path, message="save").tip


def _private(host: Host, name: str = "one") -> Path:
    return host.worktrees / f".{name}.git"


def _kept(agent: Repo) -> dict[str, str]:
    kept, _ = worktrees.keep_other_commits(agent.path)
    return {each.name: each.commit for each in kept}


def _rename(agent: Repo) -> None:
    agent.git("branch", "-m", "mine")


def _delete_its_branch(agent: Repo) -> None:
    agent.git("checkout", "--quiet", "--detach")
    agent.git("branch", "-D", branch_of("one"))


def _go_on_elsewhere(agent: Repo) -> None:
    agent.git("checkout", "--quiet", "-b", "feature/x")
    agent.commit({"feature": "1"})


def _pack_all(agent: Repo) -> None:
    agent.git("repack", "-a", "-d", "-q")
    agent.git("pack-refs", "--all", "--prune")
    agent.git("gc", "--quiet", "--prune=now")


def _amend(agent: Repo) -> None:
    worktrees.save(agent.path, message="checkpoint")
    agent.write({"amended": "1"})
    agent.git("add", "--all")
    agent.git("commit", "--quiet", "--amend", "-m", "better")


def _tag(agent: Repo) -> None:
    agent.git("tag", "v1")
    agent.git("tag", "-a", "-m", "x", branch_of("one"))


@pytest.mark.parametrize(
    "deed", [_rename, _delete_its_branch, _go_on_elsewhere, _pack_all, _amend, _tag]
)
def test_whatever_it_does_to_its_branches_its_commits_are_saved(host: Host, deed: Deed) -> None:
    agent = host.worktree()
    agent.commit({"committed": "1"})
    deed(agent)
    head = agent.tip()
    agent.write({"open": "2"})
    tip = _save(agent)
    saved = Repo(host.mirror.path)
    assert {"committed", "open", "README.md"} <= set(saved.files(tip))
    assert saved.git("merge-base", "--is-ancestor", head, tip) == ""
    assert host.branch_tip() == tip
    assert _save(agent) == tip, "saving again adds nothing"
    host.push(tip)
    worktrees.remove(host.mirror, agent.path)
    assert not _private(host).exists()


def test_after_a_checkpoint_files_and_commits_go_on_without_conflicts(host: Host) -> None:
    agent = host.worktree()
    agent.write({"f": "1\n", "gone": "x"})
    first = _save(agent)
    agent.write({"f": "2\n", "gone": None})
    second = _save(agent)
    agent.commit({"f": "3\n"})
    third = _save(agent)
    saved = Repo(host.mirror.path)
    assert saved.show(third, "f") == "3"
    assert "gone" not in saved.files(second)
    assert saved.git("merge-base", "--is-ancestor", first, third) == ""
    assert saved.git("merge-base", "--is-ancestor", agent.tip(), third) == ""


def test_a_commit_that_it_has_taken_back_stays_in_a_ref(host: Host) -> None:
    agent = host.worktree()
    taken_back = agent.commit({"secret": "1"})
    _save(agent)
    agent.git("reset", "--quiet", "--hard", "HEAD~1")
    agent.commit({"other": "1"})
    tip = _save(agent)
    assert "secret" not in Repo(host.mirror.path).files(tip)
    replaced = f"refs/hephaestus/replaced/{branch_of('one')}/{taken_back[:12]}"
    assert host.in_mirror("rev-parse", replaced) == taken_back


def _hide_changes(agent: Repo) -> None:
    agent.git("update-index", "--assume-unchanged", "README.md")
    agent.git("update-index", "--skip-worktree", "src/app.py")


def _lose_index(agent: Repo) -> None:
    (agent.path.parent / ".one.git/worktrees/one/index").unlink()


def _spoil_index(agent: Repo) -> None:
    (agent.path.parent / ".one.git/worktrees/one/index").write_bytes(b"DIRC" + os.urandom(500))


def _link_index(agent: Repo) -> None:
    _lose_index(agent)
    os.mkfifo(agent.path.parent / ".one.git/worktrees/one/index")


def _untrack_all(agent: Repo) -> None:
    agent.git("rm", "-r", "--quiet", "--cached", ".")


@pytest.mark.parametrize(
    "deed", [_hide_changes, _lose_index, _spoil_index, _link_index, _untrack_all]
)
def test_what_its_index_says_about_files_counts_for_nothing(host: Host, deed: Deed) -> None:
    agent = host.worktree()
    deed(agent)
    agent.write({"README.md": "changed", "src/app.py": "changed", "new": "1"})
    saved = Repo(host.mirror.path)
    tip = _save(agent)
    assert saved.show(tip, "README.md") == saved.show(tip, "src/app.py") == "changed"
    assert "new" in saved.files(tip)


def test_a_sparse_checkout_deletes_nothing(user: Repo, host: Host) -> None:
    user.commit({"docs/a.md": "1", "docs/b.md": "2"})
    agent = host.worktree()
    agent.git("sparse-checkout", "set", "src")
    assert not (agent.path / "docs").exists()
    agent.write({"src/new": "1"})
    assert {"docs/a.md", "docs/b.md", "src/new"} <= set(Repo(host.mirror.path).files(_save(agent)))


def _plant(host: Host, marker: Path) -> str:
    """Return a configuration that runs a command wherever git lets one."""
    command = f"touch {marker}"
    return "\n".join(
        [
            "[core]",
            f"\tfsmonitor = {command}",
            f"\tsshCommand = {command}",
            f"\talternateRefsCommand = {command}",
            f"\teditor = {command}",
            f"\thooksPath = {host.worktrees}/hooks",
            "\tautocrlf = true",
            "\tworktree = /",
            f"\tattributesFile = {host.worktrees}/attributes",
            "[user]\n\tname = Mallory\n\temail = mallory@example.org",
            "[commit]\n\tgpgSign = true",
            f"[gpg]\n\tprogram = {command}",
            f"[diff]\n\texternal = {command}",
            f'[filter "evil"]\n\tclean = {command}; cat\n\tsmudge = {command}; cat\n\tprocess =',
            f'[merge "evil"]\n\tdriver = {command}',
            '[url "ext::sh -c evil "]\n\tinsteadOf = /\n\tinsteadOf = file',
            "[http]\n\tproxy = http://127.0.0.1:1",
            f"[uploadpack]\n\tpackObjectsHook = {command};",
            '[lfs "customtransfer.evil"]\n\tpath = /bin/false',
            f"[credential]\n\thelper = !{command}",
            "[extensions]\n\tpartialClone = origin",
            '[remote "origin"]\n\tpromisor = true\n\turl = ext::false',
            f"[include]\n\tpath = {host.worktrees}/fifo",
        ]
    )


def test_no_configuration_of_it_is_obeyed(host: Host, tmp_path: Path) -> None:
    agent = host.worktree()
    marker = tmp_path / "ran"
    os.mkfifo(host.worktrees / "fifo")
    hooks = host.worktrees / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "post-commit", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {marker}\n")
        (hooks / name).chmod(0o755)
    agent.commit({"committed": "a\r\n"})
    shutil.copytree(hooks, _private(host) / "hooks")
    planted = _plant(host, marker)
    with (_private(host) / "config").open("a") as config:
        config.write(planted)
    (_private(host) / "worktrees/one/config.worktree").write_text(planted)
    (_private(host) / "info" / "attributes").write_text("* filter=evil merge=evil diff=evil\n")
    agent.write({".gitattributes": "* filter=evil merge=evil diff=evil\n", "new": "x\r\n"})
    tip = _save(agent)
    host.push(tip)
    (outcome,) = host.merge(tip)
    saved = Repo(host.mirror.path)
    assert outcome.status == "merged"
    assert not marker.exists()
    assert saved.git("log", "-1", "--format=%an", tip) == "A User"
    assert saved.git("cat-file", "-s", f"{tip}:new") == "3", "line ends stay as they are"
    worktrees.remove(host.mirror, agent.path)


def test_borrowed_objects_may_not_come_from_elsewhere(host: Host, tmp_path: Path) -> None:
    other = Repo.make(tmp_path / "other")
    foreign = other.commit({"foreign": "1"})
    agent = host.worktree()
    agent.write({"mine": "1"})
    alternates = _private(host) / "objects" / "info" / "alternates"
    with alternates.open("a") as file:
        file.write(f"{other.path}/.git/objects\n")
    agent.git("update-ref", f"refs/heads/{branch_of('one')}", foreign)
    saved = worktrees.save(agent.path, message="save")
    assert saved.unread is not None
    assert "mine" in Repo(host.mirror.path).files(saved.tip)
    assert not host.mirror.has_commit(foreign)
    alternates.unlink()
    os.mkfifo(alternates)
    assert worktrees.save(agent.path, message="again").tip == saved.tip


def test_history_is_nobody_elses(user: Repo, host: Host) -> None:
    """Grafts, replaced objects and a shallow file of one agent change no merge of another."""
    user.commit({"kept": "user's newer line\n"})
    one, two = host.worktree("one"), host.worktree("two")
    base = user.tip()
    orphan = one.git("commit-tree", f"{base}^{{tree}}", "-m", "nothing before")
    one.git("replace", base, orphan)
    (_private(host) / "shallow").write_text(f"{base}\n")
    (_private(host) / "info" / "grafts").write_text(f"{base}\n")
    one.write({"a": "1"})
    two.commit({"b": "1"})
    tips = [worktrees.save(each.path, message="save").tip for each in (one, two)]
    for name, tip in zip(("one", "two"), tips, strict=True):
        host.push(tip, name)
    assert [outcome.status for outcome in host.merge(*tips)] == ["merged", "merged"]
    merged = user.tip("hephaestus/flow")
    assert user.show(merged, "kept") == "user's newer line"
    assert user.git("rev-list", "--count", merged) == "6"
    assert two.git("for-each-ref", "refs/replace") == ""


def test_a_stash_is_its_own_and_is_kept(host: Host) -> None:
    one, two = host.worktree("one"), host.worktree("two")
    for content in ("first\n", "second\n"):
        one.write({"README.md": content})
        one.git("stash", "--quiet")
    assert two.git("stash", "list") == ""
    _save(one)
    kept = _kept(one)
    assert set(kept) == {"stash@{0}", "stash@{1}"}
    assert Repo(host.mirror.path).show(kept["stash@{1}"], "README.md") == "first"
    ref = f"refs/hephaestus/kept/{branch_of('one')}/{kept['stash@{0}'][:12]}"
    assert host.in_mirror("rev-parse", ref) == kept["stash@{0}"]


def test_what_its_head_does_not_hold_is_kept_and_named(host: Host) -> None:
    agent = host.worktree()
    agent.git("checkout", "--quiet", "-b", "side")
    side = agent.commit({"side": "1"})
    agent.git("checkout", "--quiet", "-b", "doomed", "HEAD~1")
    doomed = agent.commit({"doomed": "1"})
    agent.git("checkout", "--quiet", branch_of("one"))
    agent.git("branch", "-D", "doomed")
    agent.git("tag", "shared", side)
    agent.git("worktree", "add", "--quiet", "--detach", "../helper")
    helper = Repo(host.worktrees / "helper").commit({"helper": "1"})
    tip = _save(agent)
    assert "side" not in Repo(host.mirror.path).files(tip)
    kept = _kept(agent)
    assert kept == {"branch side": side, "worktree helper": helper, "an earlier commit": doomed}
    assert _kept(agent) == kept, "asking again is harmless"
    other = host.worktree("two")
    assert other.git("branch", "--list") == f"* {branch_of('two')}"


def test_a_branch_of_one_name_is_in_nobodys_way(host: Host) -> None:
    one, two = host.worktree("one"), host.worktree("two")
    one.git("branch", branch_of("two"))
    one.git("branch", "hephaestus/task/two-uncommitted")
    two.commit({"b": "1"})
    assert _save(two) == two.tip()


def test_a_dangerous_tree_is_refused_and_its_files_are_saved(host: Host) -> None:
    agent = host.worktree()
    blob = agent.git("hash-object", "-w", "README.md")
    entry = b"100644 .git\0" + bytes.fromhex(blob)
    (agent.path.parent / "tree").write_bytes(entry)
    tree = agent.git("hash-object", "-w", "-t", "tree", "--literally", str(host.worktrees / "tree"))
    commit = agent.git("commit-tree", tree, "-p", "HEAD", "-m", "evil")
    agent.git("update-ref", "HEAD", commit)
    agent.write({"mine": "1"})
    saved = worktrees.save(agent.path, message="save")
    assert saved.unread is not None
    assert "cannot be read" in saved.unread
    assert {"mine", "README.md"} == set(Repo(host.mirror.path).files(saved.tip)) - {"src/app.py"}


def test_an_object_that_nothing_needs_spoils_nothing(host: Host) -> None:
    agent = host.worktree()
    committed = agent.commit({"a": "1"})
    junk = _private(host) / "objects" / "aa"
    junk.mkdir(exist_ok=True)
    (junk / ("b" * 38)).write_bytes(b"no object")
    os.mkfifo(junk / ("c" * 38))
    assert _save(agent) == committed


def test_many_commits_are_taken_as_a_pack(host: Host) -> None:
    agent = host.worktree()
    agent.write({f"f{number}": f"{number}\n" for number in range(1_200)})
    committed = agent.commit({})
    assert _save(agent) == committed
    assert len(Repo(host.mirror.path).files(committed)) == 1_202
    assert host.in_mirror("fsck", "--no-dangling", "--strict") == ""


def _lose_repository(agent: Repo) -> None:
    shutil.rmtree(agent.path.parent / ".one.git")


def _turn_head_into_a_fifo(agent: Repo) -> None:
    head = agent.path.parent / ".one.git/worktrees/one/HEAD"
    head.unlink()
    os.mkfifo(head)


def _point_head_elsewhere(agent: Repo) -> None:
    (agent.path.parent / ".one.git/worktrees/one/HEAD").write_text("ref: refs/heads/../../../etc\n")


@pytest.mark.parametrize("deed", [_lose_repository, _turn_head_into_a_fifo, _point_head_elsewhere])
def test_files_are_saved_without_a_readable_repository(host: Host, deed: Deed) -> None:
    agent = host.worktree()
    deed(agent)
    agent.write({"new": "1"})
    tip = _save(agent)
    assert {"new", "README.md"} <= set(Repo(host.mirror.path).files(tip))
    host.push(tip)
    worktrees.remove(host.mirror, agent.path)


def test_a_deleted_worktree_keeps_its_commits_and_says_what_is_lost(host: Host) -> None:
    agent = host.worktree()
    committed = agent.commit({"a": "1"})
    agent.write({"uncommitted": "1"})
    shutil.rmtree(agent.path)
    saved = worktrees.save(agent.path, message="save")
    assert saved.tip == committed
    assert saved.lost is not None
    assert "was deleted" in saved.lost
    assert worktrees.vanished(host.worktrees) == [agent.path]
    host.push(saved.tip)
    worktrees.remove(host.mirror, agent.path)
    assert worktrees.vanished(host.worktrees) == []


def test_the_origin_is_its_true_origin_and_nothing_is_pushed_there(user: Repo, host: Host) -> None:
    agent = host.worktree()
    assert agent.git("remote", "get-url", "origin") == str(user.path / ".git")
    later = user.commit({"later": "1"})
    agent.git("fetch", "--quiet", "origin")
    assert agent.tip("origin/main") == later
    agent.commit({"mine": "1"})
    agent.git("push", "--quiet", "origin", "HEAD:mine", ok=(128,))
    assert user.branches() == ["main"]
    assert agent.git("tag") == user.git("tag")
