"""A folder is made ready for agents; what somebody has there stays as it is."""

import subprocess
from pathlib import Path

import pytest

from hephaestus_sdk.definitions.loading import shipped_definitions
from hephaestus_sdk.errors import InvalidInput, RepositoryError
from hephaestus_sdk.launching import project
from hephaestus_sdk.launching.project import prepared


@pytest.fixture(autouse=True)
def _no_git_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user of git who has not told it a name."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "home").mkdir()


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@localhost")
    argv = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def test_a_new_folder_gets_a_repository_with_an_empty_commit(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "shop"
    found = prepared(folder)
    assert (found.folder, found.repository) == (folder, folder)
    assert found.made == (
        "a new folder",
        "a new git repository",
        "a first commit with no file",
    )
    assert git(folder, "branch", "--show-current") == "main"
    assert "Hephaestus" not in (folder / ".git" / "config").read_text()
    assert prepared(folder).made == (), "the second time all is there"


def test_the_first_commit_holds_what_git_does_not_ignore(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    for name, text in {".gitignore": "secret\n", "cart.py": "", "secret": "x"}.items():
        (tmp_path / "shop" / name).write_text(text)
    assert prepared(tmp_path / "shop").made[-1] == "a first commit with 2 files"
    assert git(tmp_path / "shop", "ls-files").split() == [".gitignore", "cart.py"]


def test_a_repository_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = tmp_path / "shop"
    (top / "src").mkdir(parents=True)
    git(top, "init", "--quiet", "--initial-branch=trunk")
    git(top, "commit", "--quiet", "--allow-empty", "--message=Begin")
    (top / "src" / "draft.py").write_text("unfinished")
    git(top, "add", "src")
    before = git(top, "status", "--porcelain"), (top / ".git" / "config").read_text()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))  # as a hook has it
    found = prepared(top / "src")
    monkeypatch.delenv("GIT_DIR")
    assert (found.folder, found.repository, found.made) == (top / "src", top, ())
    assert (git(top, "status", "--porcelain"), (top / ".git" / "config").read_text()) == before
    assert git(top, "log", "--format=%s") == "Begin"


def test_of_a_repository_without_commit_only_what_is_staged_is_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "shop")
    for name in ("chosen.py", "other.py"):
        (tmp_path / "shop" / name).write_text("")
    git(tmp_path / "shop", "add", "chosen.py")
    assert prepared(tmp_path / "shop").made == ("a first commit with 1 file",)
    assert git(tmp_path / "shop", "ls-files") == "chosen.py"


def test_a_folder_that_is_hardly_a_project_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="is no project"):
        prepared(tmp_path / "home")
    assert not (tmp_path / "home" / ".git").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="is a file"):
        prepared(tmp_path / "file")
    git(tmp_path, "init", "--quiet", "--bare", "bare")
    with pytest.raises(RepositoryError, match="work tree"):
        prepared(tmp_path / "bare")
    monkeypatch.setattr(project, "_MOST_FILES", 1)
    (tmp_path / "many").mkdir()
    for name in ("a", "b"):
        (tmp_path / "many" / name).write_text("")
    with pytest.raises(InvalidInput, match="has 2 files and no commit"):
        prepared(tmp_path / "many")


def test_all_shipped_workflows_are_found() -> None:
    assert [each.id for each in shipped_definitions()] == [
        "bug-fix",
        "documentation-generation",
        "feature-development",
        "index-repo",
        "prd-to-software",
    ]
