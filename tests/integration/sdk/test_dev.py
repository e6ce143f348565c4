"""``hephaestus dev``: from no folder to workflows that can be launched; every process is real."""

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from hephaestus_sdk.api.connecting import running_stack
from hephaestus_sdk.client import HephaestusClient
from tests.waiting import wait_until


class Shown:
    """What a terminal shows, read on a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self.text = ""
        self._descriptor = descriptor
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._descriptor, 65536)
            except OSError:  # no process holds the other end any more
                break
            self.text += part.decode(errors="replace")
        os.close(self._descriptor)


@pytest.mark.usefixtures("interruptible")
def test_one_command_from_no_folder_to_all_workflows(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    project = tmp_path / "shop"
    process, shown = begun(settings, project)
    try:
        wait_until(lambda: "Ctrl-C" in shown.text, timeout=90, what="the stack is up")
        address = running_stack(Path(settings["home"]))
        with HephaestusClient(address.url, address.token) as client:
            assert len(client.definitions(offered_only=True)) == 5
            started = client.start_workflow(
                "feature-development",
                launch_params={
                    "feature_title": "Boats",
                    "feature_description": "Sell boats",
                    "acceptance": "A boat is sold",
                },
            )
            assert started.repository == str(project)
            client.stop_workflow(started.id)
        join_and_leave(settings, tmp_path / "library")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, shown.text
    finally:
        process.kill()
        process.wait()
        shown.thread.join()
    assert "a new folder, a new git repository, a first commit with no file" in shown.text
    assert re.search(rf"http://127.0.0.1:{settings['ui_port']}/login#\S{{20}}", shown.text)
    assert "Hephaestus is stopped." in shown.text


def begun(settings: dict[str, Any], project: Path) -> tuple[subprocess.Popen[bytes], Shown]:
    """Begin ``hephaestus dev`` for a project, in a terminal of its own."""
    ours, theirs = pty.openpty()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    places = ["--home", settings["home"], "--port", str(settings["mcp_port"])]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "hephaestus_sdk.cli.main", "dev", "--path", str(project)),
            *(*places, "--ui-port", str(settings["ui_port"])),
        ],
        env={**inherited, "HEPHAESTUS_DEFAULT_CLI_TOOL": "scripted"},
        cwd=project.parent,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    return process, Shown(ours)


def join_and_leave(settings: dict[str, Any], project: Path) -> None:
    """Run the command beside a stack that runs already, which goes on without it."""
    before = running_stack(Path(settings["home"]))
    process, shown = begun(settings, project)
    try:
        wait_until(lambda: "Ctrl-C" in shown.text, timeout=90, what="the stack is joined")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, shown.text
    finally:
        process.kill()
        process.wait()
        shown.thread.join()
    said = " ".join(shown.text.split())
    assert f"A stack runs already: give it {project} as the repository when you launch." in said
    assert "Hephaestus is ready." in said
    assert "The stack runs on." in said
    assert running_stack(Path(settings["home"])) == before
    with HephaestusClient(before.url, before.token) as client:
        assert len(client.definitions(offered_only=True)) == 5
