"""Who may stop a stack."""

from pathlib import Path

from hephaestus_sdk.runtime.users import StackUser


def test_only_the_last_user_is_the_last(tmp_path: Path) -> None:
    first, second = (StackUser.enter(tmp_path, timeout=1) for _ in range(2))
    assert not first.is_last()
    first.leave()
    assert second.is_last()
    second.leave()


def test_nobody_comes_while_the_last_user_stops_the_stack(tmp_path: Path) -> None:
    last = StackUser.enter(tmp_path, timeout=1)
    assert last.is_last()
    late = StackUser.enter(tmp_path, timeout=0)
    last.leave()
    assert StackUser.enter(tmp_path, timeout=0).is_last(), "who came too late holds nothing"
    late.leave()


def test_a_home_that_cannot_be_written_is_for_others_to_explain(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file stands in the way")
    user = StackUser.enter(tmp_path / "home", timeout=1)
    assert user.is_last()
    user.leave()
