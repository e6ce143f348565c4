"""Commits that are made by hand are as git's own."""

import subprocess

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import commits
from hephaestus_worker.git.objects.object_store import ObjectStore
from tests.integration.git.making import Host


def shown(host: Host, commit: str, form: str) -> str:
    return git.run(
        "log", "-1", f"--format={form}", commit, doing="read", git_dir=host.mirror.path
    ).text


def test_a_commit_is_by_the_one_whom_the_mirror_names(host: Host) -> None:
    store, main = ObjectStore(host.mirror.path), host.mirror.resolve("main")
    for name, mail in (("Ann <x>\nBee", "ann@example.org"), ("Üm \\ 'q'", "u@example.org")):
        for key, value in (("user.name", name), ("user.email", mail)):
            git.run("config", key, value, doing="name", git_dir=store.path)
        by_git = git.run(
            *("commit-tree", store.tree_of(main), "-m", "x"), doing="x", git_dir=store.path
        ).text
        ours = commits.write(store, store.tree_of(main), [main], "x")
        form = "%an|%ae|%cn|%ce|%ad"
        assert shown(host, ours, form)[:-24] == shown(host, by_git, form)[:-24]
        assert shown(host, ours, "%ad")[-5:] == shown(host, by_git, "%ad")[-5:], "the time zone"


def test_message_and_parents_arrive_as_they_are(host: Host) -> None:
    store, main = ObjectStore(host.mirror.path), host.mirror.resolve("main")
    tree = store.tree_of(main)
    message = "Titel ü \udcff $(x)\n\n# no comment\n\0\nauthor nobody\n"
    first = commits.write(store, tree, [], message)
    both = commits.write(store, tree, [main, first], "")
    assert shown(host, first, "%B") == "Titel ü ? $(x)\n\n# no comment\n \nauthor nobody"
    assert shown(host, both, "%P|%T|%B") == f"{main} {first}|{tree}|Save work"
    checked = subprocess.run(
        ["git", "-C", str(store.path), "fsck", "--strict", "--no-dangling"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "error" not in checked.stderr
    assert "warning" not in checked.stderr
