"""Every kind of conflict: the newest side's whole version stays, and nothing else is touched."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.merging.merges import MergeOutcome
from hephaestus_worker.git.objects.merge_tree import Unrelated
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import TARGET, Host, Repo

OLD, NEW = 2_000_000, 3_000_000
TEXT = "".join(f"line {number}\n" for number in range(12))


@dataclass(frozen=True)
class Sides:
    """Two agents that change the same start; ours is merged first, then theirs."""

    user: Repo
    host: Host
    ours: Repo
    theirs: Repo

    def merge(self, newest: str) -> MergeOutcome:
        """Commit and merge both; `newest` ("ours", "theirs" or "tie") says who was last."""
        self.commit("ours", newest)
        self.commit("theirs", newest)
        first, second = self.host.merge(self.ours.tip(), self.theirs.tip())
        assert (first.status, first.conflicts) == ("merged", ())
        assert second.status == "merged"
        for tip in (self.ours.tip(), self.theirs.tip()):
            assert self.user.git("merge-base", "--is-ancestor", tip, TARGET) == ""
        assert "<<<<<<<" not in self.user.git("grep", "-I", "", TARGET, ok=(0, 1))
        return second

    def commit(self, side: str, newest: str) -> None:
        at = NEW if newest == side else OLD
        repo = self.ours if side == "ours" else self.theirs
        repo.commit({}, at=at)
        self.host.push(repo.tip(), side)

    def files(self) -> dict[str, str]:
        return self.user.files(TARGET)


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    user = Repo.make(tmp_path / "user")
    user.write({"f": TEXT, "g": TEXT.upper(), "dir/x": "x\n", "dir/y": "y\n", "bin": b"\0base"})
    (user.path / "link").symlink_to("f")
    user.commit({}, at=1_000_000)
    host = Host(Mirror.open(str(user.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    return Sides(user, host, host.worktree("ours"), host.worktree("theirs"))


def _told(outcome: MergeOutcome) -> list[tuple[str, str, str]]:
    return [(each.path, each.kind, each.kept) for each in outcome.conflicts]


WHO = pytest.mark.parametrize(
    ("newest", "winner"), [("ours", "ours"), ("theirs", "theirs"), ("tie", "theirs")]
)


@WHO
def test_content(sides: Sides, newest: str, winner: str) -> None:
    sides.ours.write({"f": TEXT.replace("line 3", "ours")})
    sides.theirs.write({"f": TEXT.replace("line 3", "theirs").replace("line 11", "more")})
    outcome = sides.merge(newest)
    assert _told(outcome) == [("f", "content", winner)]
    winning = sides.ours if winner == "ours" else sides.theirs
    assert sides.files()["f"] == winning.files()["f"]
    (conflict,) = outcome.conflicts
    assert conflict.ours_commit == sides.ours.tip()
    assert conflict.theirs_commit == sides.theirs.tip()
    assert conflict.ours_time.timestamp() == (NEW if newest == "ours" else OLD)
    assert conflict.theirs_time.timestamp() == (NEW if newest == "theirs" else OLD)


def test_conflicts_of_a_merge_that_nobody_recorded_are_found_again(sides: Sides) -> None:
    sides.ours.write({"f": "ours\n", "g": None})
    sides.theirs.write({"f": "theirs\n", "g": "theirs\n"})
    first = sides.merge(newest="theirs")
    later = sides.host.work("later", {"other": "1"})
    again, _ = sides.host.merge(sides.theirs.tip(), later)
    assert again.status == "already_merged"
    assert len(first.conflicts) == 2
    assert (again.commit, again.target_before) == (first.commit, first.target_before)
    assert again.conflicts == first.conflicts


def test_conflicts_that_a_person_resolved_are_not_told_as_settled_by_us(sides: Sides) -> None:
    sides.ours.commit({"f": "ours\n"}, at=OLD)
    sides.theirs.commit({"f": "theirs\n"}, at=NEW)
    for name, repo in (("ours", sides.ours), ("theirs", sides.theirs)):
        sides.host.push(repo.tip(), name)
    sides.host.merge(sides.ours.tip())
    sides.user.git("checkout", "--quiet", TARGET)
    sides.user.git("merge", "--quiet", sides.theirs.tip(), ok=(1,))
    sides.user.commit({"f": "both\n"})
    (outcome,) = sides.host.merge(sides.theirs.tip())
    assert (outcome.status, outcome.conflicts) == ("already_merged", ())


def test_files_that_merge_cleanly_stay_merged_beside_a_conflict(sides: Sides) -> None:
    sides.ours.write({"f": "ours\n", "g": TEXT.upper().replace("LINE 0", "ours")})
    sides.theirs.write({"f": "theirs\n", "g": TEXT.upper().replace("LINE 11", "theirs")})
    assert _told(sides.merge("ours")) == [("f", "content", "ours")]
    merged = sides.user.show(TARGET, "g")
    assert merged.startswith("ours")
    assert merged.endswith("theirs")


def test_each_file_has_its_own_time(sides: Sides) -> None:
    sides.ours.commit({"f": "ours\n"}, at=OLD)
    sides.ours.commit({"g": "ours\n"}, at=NEW + 5)
    sides.theirs.commit({"f": "theirs\n", "g": "theirs\n"}, at=NEW)
    told = _told(sides.merge("tie"))
    assert told == [("f", "content", "theirs"), ("g", "content", "ours")]


@WHO
def test_both_added(sides: Sides, newest: str, winner: str) -> None:
    sides.ours.write({"new": "ours\n"})
    sides.theirs.write({"new": "theirs\n"})
    assert _told(sides.merge(newest)) == [("new", "add_add", winner)]
    assert sides.user.show(TARGET, "new") == winner


@WHO
@pytest.mark.parametrize("deleter", ["ours", "theirs"])
def test_one_deleted_what_the_other_changed(
    sides: Sides, newest: str, winner: str, deleter: str
) -> None:
    changer = sides.theirs if deleter == "ours" else sides.ours
    (sides.ours if deleter == "ours" else sides.theirs).write({"f": None})
    changer.write({"f": "changed\n"})
    assert _told(sides.merge(newest)) == [("f", "modify_delete", winner)]
    assert ("f" in sides.files()) == (winner != deleter)


@WHO
def test_both_renamed_the_same_file(sides: Sides, newest: str, winner: str) -> None:
    sides.ours.git("mv", "f", "f-ours")
    sides.ours.write({"f-ours": TEXT.replace("line 3", "ours")})
    sides.theirs.git("mv", "f", "f-theirs")
    sides.theirs.write({"f-theirs": TEXT.replace("line 3", "theirs")})
    told = _told(sides.merge(newest))
    assert told == [("f-ours", "rename", winner), ("f-theirs", "rename", winner)]
    assert sorted(path for path in sides.files() if path.startswith("f")) == [f"f-{winner}"]
    assert winner in sides.user.show(TARGET, f"f-{winner}")


@WHO
@pytest.mark.parametrize("renamer", ["ours", "theirs"])
def test_one_renamed_what_the_other_deleted(
    sides: Sides, newest: str, winner: str, renamer: str
) -> None:
    (sides.ours if renamer == "ours" else sides.theirs).git("mv", "f", "renamed")
    (sides.theirs if renamer == "ours" else sides.ours).write({"f": None})
    assert _told(sides.merge(newest)) == [("renamed", "rename", winner)]
    assert ("renamed" in sides.files()) == (winner == renamer)
    assert "f" not in sides.files()


@WHO
@pytest.mark.parametrize("renamer", ["ours", "theirs"])
def test_one_renamed_and_both_changed(sides: Sides, newest: str, winner: str, renamer: str) -> None:
    mover, other = (sides.ours, sides.theirs) if renamer == "ours" else (sides.theirs, sides.ours)
    mover.git("mv", "f", "renamed")
    mover.write({"renamed": TEXT.replace("line 3", "mover")})
    other.write({"f": TEXT.replace("line 3", "other")})
    assert _told(sides.merge(newest)) == [("renamed", "content", winner)]
    expected = "mover" if winner == renamer else "other"
    assert expected in sides.user.show(TARGET, "renamed")
    assert "f" not in sides.files()


@WHO
def test_two_files_renamed_to_one_name(sides: Sides, newest: str, winner: str) -> None:
    sides.ours.git("mv", "f", "both")
    sides.theirs.git("mv", "g", "both")
    told = _told(sides.merge(newest))
    assert [path for path, _, _ in told] == ["both"]
    assert sides.user.show(TARGET, "both").startswith("line" if winner == "ours" else "LINE")
    # The other file is not lost with its new name; it stands where it was.
    assert ("g" if winner == "ours" else "f") in sides.files()


@WHO
def test_renamed_onto_a_name_that_the_other_added(sides: Sides, newest: str, winner: str) -> None:
    sides.ours.git("mv", "f", "spot")
    sides.theirs.write({"spot": "new\n"})
    sides.merge(newest)
    expected = "line 0" if winner == "ours" else "new"
    assert sides.user.show(TARGET, "spot").startswith(expected)
    assert ("f" in sides.files()) == (winner == "theirs")


@WHO
@pytest.mark.parametrize("filer", ["ours", "theirs"])
def test_a_file_where_the_other_made_a_folder(
    sides: Sides, newest: str, winner: str, filer: str
) -> None:
    one, other = (sides.ours, sides.theirs) if filer == "ours" else (sides.theirs, sides.ours)
    one.write({"spot": "file\n"})
    other.write({"spot/inner": "1\n", "spot/more": "2\n"})
    told = _told(sides.merge(newest))
    assert ("spot", "directory_file", winner) in told
    spots = sorted(path for path in sides.files() if path.startswith("spot"))
    assert spots == (["spot"] if winner == filer else ["spot/inner", "spot/more"])


@WHO
def test_a_folder_replaced_by_a_file_while_it_was_changed(
    sides: Sides, newest: str, winner: str
) -> None:
    sides.ours.git("rm", "-r", "--quiet", "dir")
    sides.ours.write({"dir": "file\n"})
    sides.theirs.write({"dir/x": "changed\n", "dir/new": "1\n"})
    sides.merge(newest)
    paths = sorted(path for path in sides.files() if path.startswith("dir"))
    assert paths == (["dir"] if winner == "ours" else ["dir/new", "dir/x"])


def test_a_file_and_a_folder_of_one_name_are_settled_together(sides: Sides) -> None:
    sides.ours.git("rm", "-r", "--quiet", "dir")
    sides.ours.commit({}, at=NEW)
    sides.theirs.commit({"dir/new": "1\n", "dir/x": "changed\n"}, at=NEW + 1)
    sides.ours.commit({"dir": "file\n"}, at=NEW + 2)
    told = _told(sides.merge("tie"))
    assert {(path, kept) for path, _, kept in told} == {("dir", "ours"), ("dir/x", "ours")}
    assert [path for path in sides.files() if path.startswith("dir")] == ["dir"]


def test_a_file_added_to_a_folder_that_the_other_renamed_stays_where_it_was_put(
    sides: Sides,
) -> None:
    sides.ours.git("mv", "dir", "moved")
    sides.theirs.write({"dir/new": "1\n"})
    assert _told(sides.merge("ours")) == []
    assert {"moved/x", "moved/y", "dir/new"} <= set(sides.files())


@WHO
def test_binary(sides: Sides, newest: str, winner: str) -> None:
    sides.ours.write({"bin": b"\0ours"})
    sides.theirs.write({"bin": b"\0theirs"})
    assert _told(sides.merge(newest)) == [("bin", "binary", winner)]
    assert sides.user.show(TARGET, "bin") == f"\0{winner}"


@WHO
def test_mode_goes_with_the_content(sides: Sides, newest: str, winner: str) -> None:
    sides.ours.write({"f": "ours\n"})
    sides.theirs.write({"f": "theirs\n"})
    (sides.ours.path / "f").chmod(0o755)
    assert _told(sides.merge(newest)) == [("f", "content", winner)]
    assert sides.files()["f"].startswith("100755" if winner == "ours" else "100644")


@WHO
def test_added_with_two_modes(sides: Sides, newest: str, winner: str) -> None:
    for side in (sides.ours, sides.theirs):
        side.write({"run": "#!/bin/sh\n"})
    (sides.ours.path / "run").chmod(0o755)
    told = _told(sides.merge(newest))
    assert [(path, kept) for path, _, kept in told] == [("run", winner)]
    assert sides.files()["run"].startswith("100755" if winner == "ours" else "100644")


def test_a_mode_changed_beside_a_content_merges(sides: Sides) -> None:
    (sides.ours.path / "f").chmod(0o755)
    sides.theirs.write({"f": "theirs\n"})
    assert _told(sides.merge("ours")) == []
    assert sides.files()["f"] == sides.theirs.files()["f"].replace("100644", "100755")


@WHO
def test_a_link_against_a_file(sides: Sides, newest: str, winner: str) -> None:
    (sides.ours.path / "f").unlink()
    (sides.ours.path / "f").symlink_to("g")
    sides.theirs.write({"f": "theirs\n"})
    told = _told(sides.merge(newest))
    assert ("f", "mode", winner) in told
    assert sides.files()["f"].startswith("120000" if winner == "ours" else "100644")
    assert not [path for path in sides.files() if path.startswith("f~")]


@WHO
def test_a_link_with_two_targets(sides: Sides, newest: str, winner: str) -> None:
    for side, name in ((sides.ours, "ours"), (sides.theirs, "theirs")):
        (side.path / "link").unlink()
        (side.path / "link").symlink_to(name)
    assert [path for path, _, _ in _told(sides.merge(newest))] == ["link"]
    assert sides.user.show(TARGET, "link") == winner


@WHO
def test_submodule_pointers(sides: Sides, newest: str, winner: str) -> None:
    for side, digit in ((sides.ours, "1"), (sides.theirs, "2")):
        pointer = f"160000,{digit * 40},lib"
        side.git("update-index", "--add", "--cacheinfo", pointer)
        at = NEW if newest == ("ours" if digit == "1" else "theirs") else OLD
        side.git("commit", "--quiet", "-m", "pointer", at=at)
        sides.host.push(side.tip(), "ours" if digit == "1" else "theirs")
    _, outcome = sides.host.merge(sides.ours.tip(), sides.theirs.tip())
    assert _told(outcome) == [("lib", "submodule", winner)]
    assert sides.files()["lib"] == f"160000 {('1' if winner == 'ours' else '2') * 40}"


def test_odd_names(sides: Sides) -> None:
    names = ["with\nnewline", 'with "quotes"', "ünï code", "-dash", ":colon", "*star", "a\tb"]
    sides.ours.write(dict.fromkeys(names, "ours\n"))
    sides.theirs.write(dict.fromkeys(names, "theirs\n"))
    told = _told(sides.merge("ours"))
    assert told == [(name, "add_add", "ours") for name in sorted(names)]
    assert all(sides.files()[name] == sides.ours.files()[name] for name in names)


def test_no_common_history(sides: Sides) -> None:
    sides.theirs.git("checkout", "--quiet", "--orphan", "fresh")
    sides.theirs.git("rm", "-r", "--quiet", "--cached", ".")
    sides.theirs.write({"f": "fresh\n"})
    sides.theirs.git("add", "f")
    sides.theirs.git("commit", "--quiet", "-m", "root", at=NEW)
    tip = sides.theirs.tip()
    sides.host.push(tip, "theirs")
    with pytest.raises(Unrelated, match="no commit in common"):
        sides.host.merge(tip)
    assert sides.host.mirror.tip(TARGET) is None
    start = merges.start_commit(
        sides.host.mirror,
        parent=tip,
        target_branch=TARGET,
        base_branch="main",
        policy="newest_file_wins",
    )
    assert start == tip
