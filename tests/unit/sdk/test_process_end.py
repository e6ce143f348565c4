"""What a program has promised to do at its end, in processes that end in each way."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

PROGRAM = """
import os, signal, sys
from hephaestus_sdk.stack import process_end
def ending():
    print("ended", flush=True)
process_end.add(ending)
print("ready", flush=True)
exec(sys.argv[1])
"""
WAIT = "sys.stdin.read()"


@pytest.fixture(autouse=True)
def default_signals() -> Iterator[None]:
    """Let children take SIGINT and SIGHUP: background jobs and nohup make them ignored."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGHUP, hang_up)


def run(order: str, *numbers: signal.Signals) -> tuple[int, str]:
    """Run a program to its end, with signals once it is ready; return its status and output."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, f"{WAIT}\n{order}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        for number in numbers:
            program.send_signal(number)
        output, _ = program.communicate("" if not numbers else None, timeout=60)
    return program.returncode, output


@pytest.mark.parametrize(
    ("order", "status"), [("", 0), ("sys.exit(3)", 3), ("raise ValueError", 1)]
)
def test_it_is_done_at_every_end_of_the_program(order: str, status: int) -> None:
    assert run(order) == (status, "ended\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_it_is_done_once_when_a_signal_ends_the_program_as_ever(number: signal.Signals) -> None:
    assert run("", number) == (-number, "ended\n")


def test_an_ignored_signal_stays_ignored() -> None:
    order = f"process_end.remove(ending); signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"
    ignored = order.replace(WAIT, f"process_end.add(ending); print('set', flush=True); {WAIT}")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, ignored],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert [program.stdout.readline() for _ in range(2)] == ["ready\n", "set\n"]
        program.terminate()
        assert program.communicate("", timeout=60)[0] == "ended\n"
    assert program.returncode == 0


def test_what_is_removed_is_not_done_and_the_signals_have_their_default_back() -> None:
    order = "process_end.remove(ending); print(signal.getsignal(signal.SIGTERM).name, flush=True)"
    assert run(order) == (0, "SIG_DFL\n")


def test_a_fork_does_not_do_what_its_parent_has_promised() -> None:
    assert run("pid = os.fork()\nif pid: os.waitpid(pid, 0)") == (0, "ended\n")
