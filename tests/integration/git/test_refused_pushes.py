"""A push that fails names its true cause: a lock, a branch in the way, a hook, a signature."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.origins.checkouts import CheckedOut
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.origins.origin import PushRefused, RefLocked
from tests.integration.git.making import TARGET, Host, Repo, branch_of

FORMS = pytest.mark.parametrize("form", ["{}", "file://{}"])


@pytest.fixture
def bare(user: Repo, tmp_path: Path) -> Repo:
    path = tmp_path / "bare.git"
    user.git("clone", "--quiet", "--bare", ".", str(path))
    return Repo(path)


@pytest.fixture
def opened(bare: Repo, tmp_path: Path) -> Callable[[str], Host]:
    """Return a function that opens the bare repository by this form of its address."""

    def open_(form: str) -> Host:
        mirror = Mirror.open(form.format(bare.path), tmp_path / "mirrors")
        return Host(mirror, tmp_path / "worktrees")

    return open_


def _lock(bare: Repo, branch: str) -> Path:
    lock = bare.path / "refs" / "heads" / f"{branch}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    return lock


def _hook(bare: Repo, name: str, *lines: str) -> None:
    script = bare.path / "hooks" / name
    script.parent.mkdir(exist_ok=True)
    script.write_text("\n".join(("#!/bin/sh", *lines, "")))
    script.chmod(0o755)


@FORMS
def test_a_lock_that_was_left_behind_is_named(
    form: str, opened: Callable[[str], Host], bare: Repo
) -> None:
    host = opened(form)
    tip = host.mirror.resolve("main")
    lock = _lock(bare, "hephaestus/x")
    with pytest.raises(RefLocked, match=r"hephaestus/x\.lock exists.*delete it") as locked:
        host.mirror.push(tip, "hephaestus/x", expected=None)
    assert locked.value.details == {"transient": True}
    lock.unlink()
    assert host.mirror.push(tip, "hephaestus/x", expected=None)


@FORMS
def test_a_merge_that_meets_a_lock_names_it_and_no_other_process(
    form: str, opened: Callable[[str], Host], bare: Repo
) -> None:
    host = opened(form)
    tip = host.work("one", {"new": "1\n"})
    lock = _lock(bare, TARGET)
    with pytest.raises(RepositoryError, match=r"flow\.lock exists"):
        host.merge(tip)
    lock.unlink()
    assert host.merge(tip)[0].status == "merged"


@FORMS
def test_a_branch_in_the_way_is_named(form: str, opened: Callable[[str], Host], bare: Repo) -> None:
    host = opened(form)
    bare.git("branch", "hephaestus/x/y", "main")
    with pytest.raises(PushRefused, match="Rename the branch that stands in its way"):
        host.mirror.push(host.mirror.resolve("main"), "hephaestus/x", expected=None)


@FORMS
def test_another_push_is_no_refusal(
    form: str, opened: Callable[[str], Host], user: Repo, bare: Repo
) -> None:
    host = opened(form)
    first = host.mirror.resolve("main")
    newer = user.commit({"a": "1"})
    user.git("push", "--quiet", str(bare.path), "main:refs/heads/hephaestus/x")
    assert not host.mirror.push(first, "hephaestus/x", expected=None)
    assert bare.tip("hephaestus/x") == newer


def test_a_hook_that_speaks_of_locks_is_taken_for_a_hook(
    opened: Callable[[str], Host], bare: Repo
) -> None:
    host = opened("{}")
    _hook(bare, "update", "echo 'cannot lock ref: File exists' >&2", "exit 1")
    with pytest.raises(PushRefused, match=r"hook declined.*cannot lock ref") as refused:
        host.mirror.push(host.mirror.resolve("main"), "hephaestus/x", expected=None)
    assert not isinstance(refused.value, RefLocked)


@pytest.mark.parametrize(
    "words",
    [
        "error: GH006: Protected branch update failed. Commits must have verified signatures.",
        "GitLab: Commit must be signed with a GPG key",
        "unsigned commit",
    ],
)
def test_an_origin_that_demands_signatures_is_told_with_the_remedy(
    words: str, opened: Callable[[str], Host], bare: Repo
) -> None:
    host = opened("file://{}")
    # %G? is N for a commit without a signature.
    _hook(
        bare,
        "pre-receive",
        "while read old new ref; do",
        '  test "$(git log -1 --format=%G? $new)" != N || {',
        f"    echo '{words}' >&2",
        "    exit 1",
        "  }",
        "done",
    )
    with pytest.raises(PushRefused, match=r"demands signed commits.*Exempt the branches") as said:
        host.mirror.push(host.mirror.resolve("main"), branch_of("one"), expected=None)
    assert words.rstrip(".") in said.value.message


def test_a_demand_for_a_line_of_sign_off_is_no_demand_for_signatures(
    opened: Callable[[str], Host], bare: Repo
) -> None:
    host = opened("file://{}")
    _hook(bare, "pre-receive", "echo 'every commit must be signed off (DCO)' >&2", "exit 1")
    with pytest.raises(PushRefused, match="Allow this host's user to push"):
        host.mirror.push(host.mirror.resolve("main"), "hephaestus/x", expected=None)


def test_a_lock_in_the_users_checkout_is_named(user: Repo, host: Host) -> None:
    assert host.merge(host.work("one", {"new": "1"}))[0].status == "merged"
    user.git("checkout", "--quiet", TARGET)
    tip = host.work("two", {"newer": "2"})
    lock = user.path / ".git" / "index.lock"
    lock.touch()
    with pytest.raises(CheckedOut, match=r"index\.lock.*left this lock file behind: delete it"):
        host.merge(tip)
    lock.unlink()
    assert host.merge(tip)[0].status == "merged"
