"""tmux as it really behaves: sessions, logs, pastes."""

import hashlib
import os
import sys
from pathlib import Path

import psutil
import pytest

from hephaestus_core.contract.errors import AgentProgramError, NotFound, Unavailable
from hephaestus_worker.terminal import tmux as tmux_module
from hephaestus_worker.terminal.environment import base_environment
from hephaestus_worker.terminal.tmux import SessionExists, Tmux, plain_text
from tests.waiting import wait_until

# Raw mode, bracketed paste on, and whatever comes goes to a file: a program as agents have it.
CATCH_INPUT = """
import os, sys, termios, tty
tty.setraw(0)
with open(sys.argv[1], "wb", buffering=0) as file:
    os.write(1, b"\\x1b[?2004hready")
    while data := os.read(0, 65536):
        file.write(data)
"""

#: What the launcher has every agent end with, so that tmux reads all that it said.
PAUSE = "; sleep 0.1"


def start_catcher(tmux: Tmux, folder: Path) -> Path:
    caught = folder / "caught"
    tmux.new_session(
        "catcher", command=[sys.executable, "-c", CATCH_INPUT, str(caught)], cwd=folder
    )
    wait_until(lambda: "ready" in tmux.capture("catcher"), what="the program")
    return caught


def test_no_server_has_no_sessions(tmux: Tmux) -> None:
    assert tmux.sessions() == {}
    tmux.kill_session("nobody")
    tmux.kill_server()


def test_log_holds_the_first_byte_and_the_last(tmux: Tmux, tmp_path: Path) -> None:
    folder = tmp_path / "it's #S a %d ;"
    folder.mkdir()
    for number in range(5):
        log = folder / f"log {number} #{{pane_id}} %H;"
        count = "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done"
        script = f"echo first; {count}; pwd{PAUSE}"
        tmux.new_session(f"s{number}", command=["/bin/sh", "-c", script], cwd=folder, log=log)
        wait_until(lambda n=number: tmux.sessions()[f"s{n}"].dead, what="the end")  # type: ignore[misc]
        wait_until(lambda p=log: str(folder) in p.read_text(), what="the last line")  # type: ignore[misc]
        assert log.read_text().splitlines()[0] == "first"
        assert len(log.read_text().splitlines()) >= 5002


def test_a_flood_fills_no_disk_and_harms_no_session(
    tmux: Tmux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tmux_module, "LOG_BLOCKS", 128)
    log = tmp_path / "log"
    script = "seq -f 'line %06g' 20000; echo still here; sleep 600"
    tmux.new_session("flood", command=["/bin/sh", "-c", script], cwd=tmp_path, log=log)
    wait_until(lambda: "still here" in tmux.capture("flood"), what="the end of the flood")
    assert log.read_text().startswith("line 000001")
    assert log.stat().st_size == 128 * 512
    assert not tmux.sessions()["flood"].dead


def test_a_dead_session_keeps_its_screen(tmux: Tmux, tmp_path: Path) -> None:
    script = f"echo last words{PAUSE}"
    tmux.new_session("short", command=["/bin/sh", "-c", script], cwd=tmp_path)
    wait_until(lambda: tmux.sessions()["short"].dead, what="the end")
    assert "last words" in tmux.capture("short")
    tmux.kill_session("short")
    assert "short" not in tmux.sessions()


def test_a_second_session_of_a_name_is_refused(tmux: Tmux, tmp_path: Path) -> None:
    tmux.new_session("one", command=["sleep", "60"], cwd=tmp_path)
    with pytest.raises(SessionExists):
        tmux.new_session("one", command=["sleep", "60"], cwd=tmp_path)


def test_what_is_gone_is_not_found(tmux: Tmux, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        tmux.capture("nobody")
    tmux.new_session("one", command=["sleep", "60"], cwd=tmp_path)
    with pytest.raises(NotFound, match="nobody"):
        tmux.paste("nobody", "text")


def test_names_are_not_read_as_beginnings_of_names(tmux: Tmux, tmp_path: Path) -> None:
    tmux.new_session("agent-12", command=["sleep", "60"], cwd=tmp_path)
    tmux.kill_session("agent-1")
    assert "agent-12" in tmux.sessions()


def test_the_server_inherits_nothing_secret(
    tmux: Tmux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEPHAESTUS_DATABASE_URL", "postgresql://user:hidden-password@host/db")
    monkeypatch.setenv("SOME_TOKEN", "hidden-token")
    out = tmp_path / "out"
    tmux.new_session("env", command=["/bin/sh", "-c", f"env > {out}; exec sleep 60"], cwd=tmp_path)
    wait_until(lambda: out.exists() and "PWD=" in out.read_text(), what="the environment")
    assert "hidden" not in out.read_text()
    server = psutil.Process(tmux.sessions()["env"].pane_pid).parent()
    assert server is not None
    assert "hidden" not in str(server.environ())


@pytest.mark.parametrize(
    "text",
    [
        "Escape",
        "C-c;",
        "-t nobody",
        "$(touch pwned) `touch pwned` ; touch pwned",
        "two\nlines\n\nand a 'quote' \"double\" \\ back # %d ü 漢 🙂",
        "\x1b[201~touch pwned\rtouch pwned\x03",
        "wörd " * 13_000,
    ],
)
def test_a_paste_arrives_whole_and_as_text(tmux: Tmux, tmp_path: Path, text: str) -> None:
    caught = start_catcher(tmux, tmp_path)
    tmux.paste("catcher", text)
    wait_until(lambda: caught.read_bytes().endswith(b"\x1b[201~\r"), what="the Enter")
    body = caught.read_bytes().removeprefix(b"\x1b[200~").removesuffix(b"\x1b[201~\r")
    arrived = body.decode().replace("\r", "\n")
    assert hashlib.sha256(arrived.encode()).digest() == (
        hashlib.sha256(plain_text(text).encode()).digest()
    )
    assert b"\x1b" not in body
    assert b"\x03" not in body


def test_enter_waits_until_the_text_is_shown(tmux: Tmux, tmp_path: Path) -> None:
    caught = start_catcher(tmux, tmp_path)
    assert not tmux.paste("catcher", "text", shown=lambda _: False, timeout=0.1)
    assert tmux.paste("catcher", "text", shown=lambda screen: "ready" in screen)
    wait_until(lambda: caught.read_bytes().count(b"\r") == 2, what="both Enters")


def test_a_person_who_scrolls_back_does_not_eat_a_message(tmux: Tmux, tmp_path: Path) -> None:
    caught = start_catcher(tmux, tmp_path)
    tmux._run(["copy-mode", "-t", "=catcher:"])
    tmux.paste("catcher", "text")
    wait_until(lambda: caught.read_bytes().endswith(b"\r"), what="the Enter")


def test_missing_tmux_says_how_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AgentProgramError, match="apt install tmux"):
        Tmux("hephaestus-test-none").sessions()


def test_a_tmux_that_hangs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "tmux"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Unavailable):
        Tmux("hephaestus-test-slow", timeout=0.2).sessions()


def test_the_locale_is_always_utf_8() -> None:
    assert base_environment({"LC_ALL": "C", "PATH": "/bin"}) == {
        "PATH": "/bin",
        "LANG": "C.UTF-8",
        "LC_CTYPE": "C.UTF-8",
    }
    assert base_environment({"LC_ALL": "de_DE.UTF-8"}) == {"LC_ALL": "de_DE.UTF-8"}
