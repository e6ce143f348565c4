"""Little stacks with homes and ports of their own, stopped after each test."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import ports, stack
from tests.integration.runtime import little_stack
from tests.made_home import copy_made_home


@pytest.fixture
def settings_for(tmp_path: Path) -> Iterator[Callable[..., Settings]]:
    """Makes settings with a home below tmp_path and free ports; stops what runs there.

    ``made=False``: the home is not there yet.
    """
    homes = []

    def make(name: str = "home", *, made: bool = True, **more: Any) -> Settings:
        homes.append(tmp_path / name)
        if made:
            copy_made_home(homes[-1])
        api = ports.choose()
        given = {"mcp_port": api, "ui_port": ports.choose(taken=[api])} | more
        return Settings(home=homes[-1], **given)

    yield make
    for home in homes:
        stack.stop(home, graceful=False)
        assert processes_in(home) == []
        shutil.rmtree(home / "postgres", ignore_errors=True)  # pytest keeps the rest for a while


@pytest.fixture
def start(settings_for: Callable[..., Settings]) -> Callable[..., stack.StackInfo]:
    """Starts a little stack."""

    def start_one(settings: Settings, **more: Any) -> stack.StackInfo:
        given: dict[str, Any] = {"timeout": 30, "programs": little_stack.programs} | more
        return stack.start(settings, **given)

    return start_one


def processes_in(home: Path) -> list[str]:
    """Return the live processes that know the home by argument or environment, but not us."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            argv = (folder / "cmdline").read_bytes()
            text = argv + (folder / "environ").read_bytes()
            ours = int(folder.name) == os.getpid()
            # Its end counts: a name that only begins alike is another home.
            if argv and not ours and any(m in text for m in _mentions(home)):
                found.append(f"{folder.name}: {argv.decode().replace(chr(0), ' ')}")
    return found


def _mentions(home: Path) -> tuple[bytes, bytes]:
    return (f"{home}\0".encode(), f"{home}/".encode())


def children_of(pid: int) -> list[int]:
    """Return the direct children of a process."""
    out = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False
    ).stdout
    return [int(word) for word in out.split()]
