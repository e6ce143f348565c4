"""A ref read from git's files is the one that git tells, or git is asked."""

from pathlib import Path

import pytest

from hephaestus_worker.git.objects import refs
from hephaestus_worker.git.objects.refs import Found
from tests.integration.git.making import Repo

NAMES = ("main", "a", "a/b", "packed", "packed/and/deep", "moved-since", "missing", "packe")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.make(tmp_path / "repo")
    repo.commit({"file": "1"})
    for name in ("packed/and/deep", "moved-since", "gone-since"):
        repo.git("branch", name)
    repo.git("tag", "-m", "annotated", "packed")
    repo.git("pack-refs", "--all")
    repo.commit({"file": "2"})
    repo.git("branch", "--force", "moved-since")
    repo.git("branch", "-D", "gone-since")
    repo.git("branch", "a-loose")
    return repo


@pytest.mark.parametrize("name", [*NAMES, "gone-since", "a-loose"])
def test_a_branch_is_read_as_git_reads_it(repo: Repo, name: str) -> None:
    ref = f"refs/heads/{name}"
    told = repo.git("for-each-ref", "--format=%(objectname)", ref).splitlines()
    here = repo.git("for-each-ref", "--format=%(refname)", ref).splitlines()
    expected = told[0] if here == [ref] else None
    assert refs.read(repo.path / ".git", ref) == Found(expected)


def test_an_annotated_tag_is_read_itself_and_not_what_it_peels_to(repo: Repo) -> None:
    tag = repo.git("rev-parse", "refs/tags/packed")
    assert refs.read(repo.path / ".git", "refs/tags/packed") == Found(tag)


def test_git_is_asked_for_a_symbolic_ref(repo: Repo) -> None:
    repo.git("symbolic-ref", "refs/heads/other-name", "refs/heads/main")
    assert refs.read(repo.path / ".git", "refs/heads/other-name") is None


def test_git_is_asked_where_refs_are_no_files(repo: Repo) -> None:
    (repo.path / ".git" / "reftable").mkdir()
    assert refs.read(repo.path / ".git", "refs/heads/packed/and/deep") is None


def test_git_is_asked_where_very_many_refs_are_packed(repo: Repo) -> None:
    packed = repo.path / ".git" / "packed-refs"
    tip = repo.tip()
    lines = (f"{tip} refs/heads/zz/{number:06}\n" for number in range(20_000))
    packed.write_text(packed.read_text() + "".join(lines))
    assert refs.read(repo.path / ".git", "refs/heads/packed/and/deep") is None
    assert refs.read(repo.path / ".git", "refs/heads/main") == Found(repo.tip("main"))


def test_a_repository_that_never_packed_has_no_such_branch(tmp_path: Path) -> None:
    fresh = Repo.make(tmp_path / "fresh")
    assert refs.read(fresh.path / ".git", "refs/heads/main") == Found(None)
