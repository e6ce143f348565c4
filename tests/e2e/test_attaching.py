"""A person joins an agent's terminal from the terminal interface, within a tmux of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.scripts import task, wait_at
from tests.e2e.stack import DEFINITION, running_stack
from tests.waiting import wait_until

TITLE = "Beat the iron"


@dataclass(frozen=True)
class Window:
    """A program in a terminal of 140 × 45 that nobody else looks at."""

    socket: Path

    def tmux(self, *arguments: str) -> str:
        """Run a command of its tmux; return what it prints."""
        argv = ["tmux", "-S", str(self.socket), "-f", os.devnull, *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout

    def shown(self) -> str:
        """Return what stands on its screen."""
        return self.tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self.tmux("send-keys", *keys)

    def wait_for(self, words: str) -> None:
        """Return once these words stand on its screen."""
        try:
            wait_until(lambda: words in self.shown(), timeout=60, what=f"'{words}' is shown")
        except AssertionError as error:
            raise AssertionError(f"{error}; there is:\n{self.shown()}") from None


@contextmanager
def window(socket: Path, *command: str) -> Iterator[Window]:
    """Run a command in a window, which stays and tells its exit code."""
    opened = Window(socket)
    foreign = ("HEPHAESTUS_", "COLUMNS", "LINES")
    inherited = [name for name in os.environ if name.startswith(foreign)]
    argv = ["env", *(word for name in inherited for word in ("-u", name)), *command]
    told = ("sh", "-c", '"$@"; echo "It ended with $?."; read line', "sh", *argv)
    opened.tmux("new-session", "-d", "-x", "140", "-y", "45", *told)
    try:
        yield opened
    finally:
        opened.tmux("kill-server")


def test_enter_joins_an_agent_s_terminal_and_leaving_it_leads_back(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with running_stack(tmp_path) as stack:
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        stack.sdk.create_task_in_workflow(
            workflow, task(TITLE, "say: The iron is hot.", wait_at(gate), "done: beaten")
        )
        working = "SELECT id::text FROM agents WHERE status = 'working'"
        [agent] = wait_until(lambda: stack.rows(working), timeout=60, what="the agent works")
        session = stack.sdk.client.agent(agent["id"]).tmux_session
        command = (sys.executable, "-m", "hephaestus_sdk.cli.main", "tui", "--home")
        with window(tmp_path / "own", *command, str(stack.home)) as tui:
            tui.wait_for("4 Agents")
            tui.press("4")
            tui.wait_for(TITLE)
            assert stack.tmux("list-clients") == "", "nobody has joined yet"
            tui.press("Enter")
            tui.wait_for("The iron is hot.")
            wait_until(
                lambda: stack.tmux("list-clients", "-F", "#{session_name}") == session,
                timeout=30,
                what="the agent's session has a client",
            )
            tui.press("C-b", "d")
            tui.wait_for("4 Agents")
            assert stack.tmux("list-clients") == ""
            assert [row["id"] for row in stack.rows(working)] == [agent["id"]]
            tui.press("q")
            tui.wait_for("It ended with 0.")
        gate.touch()
        wait_until(lambda: not stack.rows(working), timeout=60, what="the agent is done")
