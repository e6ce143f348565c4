"""`make quick` on a real repository and real commands."""

import subprocess
import sys
import time
from pathlib import Path

from tests import quick
from tests.waiting import wait_until


def git(repository: Path, *arguments: str) -> None:
    command = ["git", "-C", str(repository), "-c", "user.name=T", "-c", "user.email=t@localhost"]
    subprocess.run([*command, *arguments], check=True, capture_output=True, timeout=20)


def repository(path: Path) -> Path:
    """Make a repository whose branch `part` is one commit ahead of main, which went on as well."""
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch=main")
    for name in ("kept.py", "edited.py", "deleted.py"):
        (path / name).write_text("1\n")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message=base")
    git(path, "switch", "--quiet", "--create=part")
    (path / "committed.py").write_text("1\n")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message=part")
    git(path, "switch", "--quiet", "main")
    (path / "of_main.py").write_text("1\n")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message=elsewhere")
    git(path, "switch", "--quiet", "part")
    return path


def test_changed_is_what_the_branch_and_the_work_tree_add_to_main(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository")
    (root / "edited.py").write_text("2\n")
    (root / "deleted.py").unlink()
    (root / "new.py").write_text("2\n")
    assert quick.changed_files(root) == ["committed.py", "deleted.py", "edited.py", "new.py"]


def test_without_a_branch_main_only_what_is_not_committed_has_changed(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository")
    git(root, "branch", "--quiet", "--delete", "--force", "main")
    (root / "new.py").write_text("2\n")
    assert quick.changed_files(root) == ["new.py"]


def test_a_command_tells_how_it_ended() -> None:
    deadline = time.monotonic() + 60
    status = quick.run_until(deadline, [sys.executable, "-c", "raise SystemExit(3)"])
    assert status == 3


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    """SIGINT first: the child has the time to say that it ended."""
    script = f"""
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", '''
import pathlib, signal, time
# A shell makes what it runs in the background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = pathlib.Path({str(tmp_path)!r})
(folder / "started").touch()
try:
    time.sleep(600)
except KeyboardInterrupt:
    (folder / "interrupted").touch()
'''])
child.wait()
"""
    assert quick.run_until(time.monotonic() + 5, [sys.executable, "-c", script]) is None
    assert (tmp_path / "started").exists()
    wait_until((tmp_path / "interrupted").exists, what="the child heard of its end")


def test_after_the_deadline_nothing_is_started(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert quick.run_until(time.monotonic() - 1, ["touch", str(made)]) is None
    assert not made.exists()
