"""A ref that is read or set without git is as git tells or sets it, or git is asked."""

from concurrent.futures import ThreadPoolExecutor
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


@pytest.mark.parametrize("folders", [("refs/tags", "refs/heads/packed"), ("refs/heads",)])
def test_refs_are_listed_as_git_lists_them(repo: Repo, folders: tuple[str, ...]) -> None:
    repo.git("tag", "light")
    told = repo.git("for-each-ref", "--format=%(refname) %(objectname)", *folders).splitlines()
    expected = dict(line.split(" ") for line in told)
    assert refs.listed(repo.path / ".git", *folders) == expected
    assert len(expected) > 1
    repo.git("symbolic-ref", "refs/heads/other-name", "refs/heads/main")
    assert refs.listed(repo.path / ".git", "refs/heads") is None


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


@pytest.fixture
def mirror(repo: Repo) -> Path:
    mirror = repo.path.with_name("mirror")
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(mirror))
    repo.git("--git-dir", str(mirror), "update-ref", "refs/heads/loose", repo.tip())
    return mirror


def _told(repo: Repo, mirror: Path) -> dict[str, str]:
    lines = repo.git("--git-dir", str(mirror), "for-each-ref", "--format=%(refname) %(objectname)")
    return dict(line.split() for line in lines.splitlines())


@pytest.mark.parametrize("name", ["new", "deep/and/new", "loose", "packed/and/deep"])
def test_a_ref_is_set_for_git_too(repo: Repo, mirror: Path, name: str) -> None:
    ref, commit = f"refs/heads/{name}", repo.git("rev-parse", "main~1")
    before = _told(repo, mirror)
    assert refs.swap(mirror, ref, commit, expected=before.get(ref))
    assert _told(repo, mirror) == {**before, ref: commit}
    assert not list(mirror.rglob("*.lock"))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("loose", "moved"),
        ("new", "moved"),
        ("loose/below", "stands below a ref"),
        ("main/below", "stands below a packed ref"),
        ("packed", "is a folder of packed refs"),
        ("packed/and", "is a folder of packed refs"),
    ],
)
def test_a_ref_that_moved_or_is_in_the_way_stays(
    repo: Repo, mirror: Path, name: str, what: str
) -> None:
    before, commit = _told(repo, mirror), repo.tip()
    expected = repo.git("rev-parse", "main~1") if what == "moved" else None
    assert not refs.swap(mirror, f"refs/heads/{name}", commit, expected=expected)
    assert _told(repo, mirror) == before
    assert not list(mirror.rglob("*.lock"))


def test_a_lock_of_git_is_kept_to(repo: Repo, mirror: Path) -> None:
    lock = mirror / "refs/heads/loose.lock"
    lock.touch()
    before = _told(repo, mirror)
    commit = repo.git("rev-parse", "main~1")
    assert not refs.swap(mirror, "refs/heads/loose", commit, expected=before["refs/heads/loose"])
    assert lock.exists()
    assert _told(repo, mirror) == before


def test_of_many_swaps_at_once_one_is_done(repo: Repo, mirror: Path) -> None:
    ref, before = "refs/heads/loose", repo.tip()
    made = [repo.commit({"file": str(number)}) for number in range(8)]
    with ThreadPoolExecutor(len(made)) as threads:
        won = list(threads.map(lambda each: refs.swap(mirror, ref, each, expected=before), made))
    assert [each for each, done in zip(made, won, strict=True) if done] == [
        (mirror / ref).read_text().strip()
    ]
