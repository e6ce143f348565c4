"""Whatever two agents do to a small tree: it merges, and every file is somebody's whole version."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.merging.merges import MergeRequest
from hephaestus_worker.git.objects import merge_tree
from hephaestus_worker.git.objects.object_store import ObjectStore
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import TARGET, Repo

PATHS = ("a", "a/x", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "e", "a b\n", "-x")
Edit = tuple[str, str, object]
Commit = tuple[list[Edit], int]
LINES = [f"line {number}\n" for number in range(10)]

_path = st.sampled_from(PATHS)
_content = st.one_of(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("xyz")), min_size=1, max_size=3).map(
        lambda edits: _edited(dict(edits))
    ),
    st.binary(min_size=1, max_size=4).map(lambda tail: b"\0" + tail),
)
_edit = st.one_of(
    st.tuples(st.just("write"), _path, _content),
    st.tuples(st.just("delete"), _path, st.none()),
    st.tuples(st.just("rename"), _path, _path),
    st.tuples(st.just("chmod"), _path, st.none()),
    st.tuples(st.just("link"), _path, st.sampled_from(PATHS)),
)
_commit = st.tuples(st.lists(_edit, min_size=1, max_size=4), st.integers(2_000_000, 2_000_003))
_side = st.lists(_commit, min_size=1, max_size=2)
_start = st.dictionaries(_path, _content, min_size=2, max_size=6)


def _edited(edits: dict[int, str]) -> bytes:
    return "".join(edits.get(number, "") + line for number, line in enumerate(LINES)).encode()


def _apply(root: Path, edit: Edit) -> None:
    deed, name, what = edit
    file = root / name
    exists = os.path.lexists(file) and not (file.is_dir() and not file.is_symlink())
    if deed == "write":
        _clear(root, file)
        file.write_bytes(what if isinstance(what, bytes) else b"")
    elif deed == "delete" and exists:
        file.unlink()
    elif deed == "rename" and exists and name != what:
        content = file.rename(root / ".moving")
        _clear(root, root / str(what))
        content.rename(root / str(what))
    elif deed == "chmod" and exists and not file.is_symlink():
        file.chmod(file.stat().st_mode ^ 0o111)
    elif deed == "link":
        _clear(root, file)
        file.symlink_to(str(what))


def _clear(root: Path, file: Path) -> None:
    """Take away whatever stands where this file shall be."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    elif os.path.lexists(file):
        file.unlink()
    for parent in reversed(file.relative_to(root).parents[:-1]):
        if os.path.lexists(root / parent) and not (root / parent).is_dir():
            (root / parent).unlink()
        if (root / parent).is_symlink():
            (root / parent).unlink()
        (root / parent).mkdir(exist_ok=True)


def _play(user: Repo, branch: str, commits: list[Commit]) -> str:
    user.git("checkout", "--quiet", "--force", "-B", branch, "start")
    user.git("clean", "--quiet", "-dff")
    for edits, at in commits:
        for edit in edits:
            _apply(user.path, edit)
        user.commit({}, at=at)
    return user.tip()


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(start=_start, ours=_side, theirs=_side, told=st.booleans())
def test_any_two_sides_merge(
    start: dict[str, bytes], ours: list[Commit], theirs: list[Commit], *, told: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        user = Repo.make(Path(name) / "user")
        for path, content in start.items():
            _apply(user.path, ("write", path, content))
        user.commit({}, at=1_000_000)
        user.git("branch", "start")
        tips = _play(user, "ours", ours), _play(user, "theirs", theirs)
        mirror = Mirror.open(str(user.path), Path(name) / "mirrors")
        names = ("ours", "theirs") if told else (None, None)
        requests = [MergeRequest(*each) for each in zip(tips, ("merge",) * 2, names, strict=True)]
        outcomes = merges.merge_all(
            *(mirror, TARGET, requests),
            base_for_new_target="start",
            policy="newest_file_wins",
        )
        assert {outcome.status for outcome in outcomes} <= {"merged", "nothing", "already_merged"}
        if outcomes[1].status == "merged":
            _check(user, mirror, *tips)


def _check(user: Repo, mirror: Mirror, ours: str, theirs: str) -> None:
    if TARGET in user.branches():
        mirror.resolve(TARGET)
        before = user.tip(f"{TARGET}^1")
        result = user.files(TARGET)
        for tip in (before, theirs):
            user.git("merge-base", "--is-ancestor", tip, TARGET)
        merged = merge_tree.merge(ObjectStore(mirror.path), before, theirs)
        clean = {
            path: f"{entry.mode} {entry.object_id}"
            for path, entry in merge_tree.read_tree(ObjectStore(mirror.path), merged.tree).items()
            if path not in merged.stages
        }
        our_files, their_files = user.files(before), user.files(theirs)
        whole = set(our_files.values()) | set(their_files.values())
        for path, entry in result.items():
            assert path in our_files or path in their_files, "no name is invented"
            assert clean.get(path) == entry or entry in whole, "a clean merge or a whole version"
            assert b"<<<<<<<" not in _blob(user, entry)
        _check_nothing_untouched_is_lost(user, result, our_files, their_files)


def _check_nothing_untouched_is_lost(
    user: Repo, result: dict[str, str], ours: dict[str, str], theirs: dict[str, str]
) -> None:
    """What both sides left alone is as it was, unless a folder of that name took its place."""
    for path, entry in user.files("start").items():
        if ours.get(path) == theirs.get(path) == entry:
            assert result.get(path) == entry


def _blob(user: Repo, entry: str) -> bytes:
    return os.fsencode(user.git("cat-file", "blob", entry.split()[1]))
