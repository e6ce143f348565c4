"""A run on a checkout that cannot be worked on ends at once with code 2 and says why."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.git.making import Repo
from tests.integration.sdk.commands import Invoke

PARAMETERS = ("--param", "bug_title=Off by one", "--param", "bug_description=One too many")


def _plain(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _empty(folder: Path) -> Path:
    return Repo.make(folder).path


def _made(folder: Path) -> Repo:
    repo = Repo.make(folder)
    repo.commit({"a": "1\n"})
    repo.commit({"a": "2\n"})
    return repo


def _detached(folder: Path) -> Path:
    repo = _made(folder)
    repo.git("checkout", "--quiet", "--detach")
    return repo.path


def _without_objects(folder: Path) -> Path:
    repo = _made(folder)
    shutil.rmtree(repo.path / ".git" / "objects")
    return repo.path


def _with_lost_objects(folder: Path) -> Path:
    repo = _made(folder)
    for each in (repo.path / ".git" / "objects").iterdir():
        shutil.rmtree(each)
    return repo.path


def _with_damaged_settings(folder: Path) -> Path:
    repo = _made(folder)
    (repo.path / ".git" / "config").write_text("[core")
    return repo.path


def _shallow(folder: Path) -> Path:
    repo = _made(folder.with_name("whole"))
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(folder))
    return folder


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_plain, "is no git repository"),
        (_empty, "make the first commit of 'main'"),
        (_detached, "has no branch checked out"),
        (_without_objects, "is damaged: git cannot read branch 'main'"),
        (_with_lost_objects, "is damaged: git cannot read branch 'main'"),
        (_with_damaged_settings, "is damaged: git cannot read branch 'main'"),
        (_shallow, "git fetch --unshallow"),
    ],
)
def test_it_ends_with_2(
    make: Callable[[Path], Path], words: str, invoke: Invoke, tmp_path: Path
) -> None:
    repository = make(tmp_path / "checkout")
    for command in ("run", "launch"):
        code, output = invoke(command, "bug-fix", "--repo", str(repository), *PARAMETERS)
        assert code == 2, output
        assert words in output
    assert invoke("workflows", "--json")[1].count(str(repository)) == 0


def test_uncommitted_changes_are_no_fault(invoke: Invoke, tmp_path: Path) -> None:
    repo = _made(tmp_path / "checkout")
    repo.write({"a": "being edited\n"})
    code, output = invoke("launch", "bug-fix", "--repo", str(repo.path), *PARAMETERS)
    assert code == 0, output


def test_a_repository_that_signs_commits_is_told_of_where_the_launch_is_shown(
    invoke: Invoke, tmp_path: Path
) -> None:
    repo = _made(tmp_path / "checkout")
    repo.git("config", "commit.gpgSign", "true")
    code, output = invoke("launch", "bug-fix", "--repo", str(repo.path), *PARAMETERS)
    assert code == 0, output
    workflow_id = output.strip()
    assert invoke("stop", workflow_id)[0] == 0
    assert "agents' commits and merges are not signed" in invoke("watch", workflow_id)[1]
