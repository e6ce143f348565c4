"""Who may stop a stack."""

from pathlib import Path

from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.users import StackUser, Vacancy


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


def test_a_stack_is_vacant_when_several_looks_found_nobody(tmp_path: Path) -> None:
    user = StackUser.enter(tmp_path, timeout=1)
    vacancy = Vacancy(Home(tmp_path), look_seconds=0)
    assert not any(vacancy.is_final() for _ in range(9)), "it has a user"
    user.leave()
    assert [vacancy.is_final() for _ in range(2)] == [False, False]
    StackUser.enter(tmp_path, timeout=0).leave()
    assert vacancy.is_final()
    late = StackUser.enter(tmp_path, timeout=0)
    assert StackUser.enter(tmp_path, timeout=0).is_last() is False, "the supervisor holds the lock"
    late.leave()


def test_a_user_who_comes_back_in_time_keeps_the_stack(tmp_path: Path) -> None:
    vacancy = Vacancy(Home(tmp_path), look_seconds=0)
    assert [vacancy.is_final() for _ in range(2)] == [False, False]
    user = StackUser.enter(tmp_path, timeout=0)
    assert not vacancy.is_final()
    user.leave()
    assert [vacancy.is_final() for _ in range(3)] == [False, False, True]


def test_a_stack_that_is_to_stay_is_never_vacant(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    home.stays_file.touch()
    vacancy = Vacancy(home, look_seconds=0)
    assert not any(vacancy.is_final() for _ in range(9))


def test_it_looks_only_now_and_then(tmp_path: Path) -> None:
    vacancy = Vacancy(Home(tmp_path), look_seconds=60)
    assert not any(vacancy.is_final() for _ in range(9))
    assert 50 < vacancy.next_look() <= 60
