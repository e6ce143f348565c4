"""Files that only their owner may read, and the ends of logs."""

import json
import stat
import threading
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import NotFound
from hephaestus_sdk.runtime import log_files, private_files
from hephaestus_sdk.runtime.home import Home, locked, read_json
from hephaestus_sdk.runtime.last_lines import last_lines


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_closed_parents_too(tmp_path: Path) -> None:
    private_files.make_folder(tmp_path / "a" / "b")
    assert (_mode(tmp_path / "a"), _mode(tmp_path / "a" / "b")) == (0o700, 0o700)


def test_a_written_file_is_closed_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    private_files.write(path, "new")
    assert (path.read_text(), _mode(path)) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "file").symlink_to(tmp_path / "precious")
    private_files.write(tmp_path / "file", "new")
    assert (tmp_path / "precious").read_text() == "kept"
    assert not (tmp_path / "file").is_symlink()


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(private_files.ensure_secret(path)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made[0]) == 64
    assert _mode(path) == 0o600


def test_a_secret_that_is_empty_or_open_is_put_right(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert private_files.ensure_secret(tmp_path / "empty")
    (tmp_path / "open").write_text("mine\n")
    (tmp_path / "open").chmod(0o644)
    assert private_files.ensure_secret(tmp_path / "open") == "mine"
    assert _mode(tmp_path / "open") == 0o600


def test_of_two_holders_of_a_lock_one_waits_in_vain(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "file"):
        with locked(place) as first, locked(place, timeout=0.05) as second:
            assert (first, second) == (True, False)
        with locked(place) as again:
            assert again


def test_folders_of_a_home_are_closed_even_if_they_were_open(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    Home(tmp_path).make()
    assert {_mode(f) for f in tmp_path.iterdir()} == {0o700}


def test_damaged_json_reads_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "half").write_text('{"pid": 1')
    (tmp_path / "list").write_text("[1]")
    assert [read_json(tmp_path / n) for n in ("half", "list", "none")] == [{}, {}, {}]


def test_two_starts_in_one_second_have_their_own_logs(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    folders = {home.new_log_folder() for _ in range(3)}
    assert len(folders) == 3


def test_the_last_lines_of_a_long_log_are_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {n}\n" for n in range(10_000)))
    assert last_lines(log, 2) == ["line 9998", "line 9999"]
    assert last_lines(log, 0) == []
    assert last_lines(tmp_path / "none", 5) == []


def test_logs_of_the_newest_start_are_chosen_by_name(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    (home.new_log_folder() / "web.log").write_text("old")
    newest = home.new_log_folder()
    (newest / "web.log").write_text("new")
    assert log_files.newest(tmp_path, "web") == [newest / "web.log"]
    with pytest.raises(NotFound, match=r"no log of 'wab' .* there are: web\."):
        log_files.newest(tmp_path, "wab")


def test_logs_that_were_put_elsewhere_are_found(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    (home.new_log_folder() / "web.log").write_text("old")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "web.log").write_text("new")
    private_files.write(home.launch_file, json.dumps({"log_dir": str(elsewhere)}))
    assert log_files.newest(home.root, "web") == [elsewhere / "web.log"]


def test_a_followed_log_yields_whole_lines_once(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("one\n")
    following = log_files.lines([log], count=10, follow=True)
    assert next(following) == (log, "one")
    with log.open("a") as file:
        file.write("two\nthr")
        file.flush()
        assert next(following) == (log, "two")
        file.write("ee\n")
    assert next(following) == (log, "three")
