"""Ends this host's agents once their stack is gone: ``python -m hephaestus_worker.caretaker``.

Agents outlive their worker, so that its restart costs them nothing. After a stack was killed for
good, as by a cancelled pipeline, nobody would ever end them. So each worker keeps a caretaker
beside it, which is detached like an agent and needs no server. While a worker runs, the caretaker
sleeps. If none has run for ``orphan_minutes``, it ends all agents and saves their work to the
branches of their worktrees, where the next worker finds it.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import HomeLayout, agent_of_session
from hephaestus_core.logging import configure_logging, log_event
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_worker.agents.orphan_marks import mark
from hephaestus_worker.git import locks
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.git.worktrees.new_files import Rules
from hephaestus_worker.host.caretaking import sole_caretaker
from hephaestus_worker.host.home_lock import wait_for_its_end, worker_runs
from hephaestus_worker.terminal import process_tree
from hephaestus_worker.terminal.tmux import Tmux

logger = logging.getLogger("hephaestus_worker.caretaker")

#: Seconds between two looks while no worker runs.
_PERIOD: Final = 1.0
#: Grace in seconds for the agents' processes.
_GRACE: Final = 5.0
#: Seconds to wait for a shutdown of this host, which does the same.
_OTHERS_SECONDS: Final = 120.0

Outcome = Literal["a worker is back", "no agent is left", "agents are alone"]


class Silence:
    """For how long no worker has run, as seen by a process that was awake.

    A machine or a process that pauses sees nothing. So between two looks no more counts than the
    time between two looks usually is.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_at = clock()
        self.seconds = 0.0

    def look(self, *, counts: bool = True) -> float:
        """Add the time since the last look, unless it does not count; return all that counts."""
        now = self._clock()
        if counts:
            self.seconds += min(now - self._looked_at, 2 * _PERIOD)
        self._looked_at = now
        return self.seconds


class Caretaker:
    """The caretaker of one home. It works from its settings alone, also after the home is gone."""

    def __init__(self, settings: Settings) -> None:
        self._home = HomeLayout(settings.home)
        self._limit = settings.orphan_minutes * 60
        self._worktrees = settings.worktree_base or self._home.worktrees
        self._rules = Rules(commits=settings.auto_commit, exclude=settings.commit_exclude)
        self._tmux = Tmux(self._home.tmux_socket)

    def run(self) -> None:
        """Watch until there is nothing to take care of."""
        while True:
            wait_for_its_end(self._home.root)
            outcome = self._wait_alone()
            log_event(logger, "watched", outcome=outcome)
            if outcome == "agents are alone":
                self._end_agents()
            if outcome != "a worker is back":
                return

    def _wait_alone(self) -> Outcome:
        silence = Silence()
        log_event(logger, "worker_gone", agents_end_after=self._limit)
        while silence.look(counts=not self._home.kept_agents_file.exists()) < self._limit:
            if worker_runs(self._home.root):
                return "a worker is back"
            if not self._has_agents():
                return "no agent is left"
            time.sleep(_PERIOD)
        return "agents are alone"

    def _has_agents(self) -> bool:
        try:
            return bool(self._tmux.sessions() or self._living())
        except HephaestusError:
            return True  # tmux says nothing, which is not a no

    def _living(self) -> set[str]:
        # By sessions too: the home with the agents' folders may be gone.
        known = {agent_of_session(name) for name in self._tmux.sessions()}
        if self._home.agents.is_dir():
            known |= {folder.name for folder in self._home.agents.iterdir()}
        return {agent for agent in process_tree.marked_agents() if agent in known}

    def _end_agents(self) -> None:
        if not self._home.host.is_dir():
            self._end_processes()
            return
        # A worker that starts meanwhile waits for this lock; the next look finds it.
        with locks.held(self._home.ending_lock, waiting_for="a shutdown", timeout=_OTHERS_SECONDS):
            if worker_runs(self._home.root):
                return
            self._end_processes()
            for worktree in sorted(self._worktrees.iterdir()):
                if worker_runs(self._home.root):
                    return
                self._save(worktree)

    def _end_processes(self) -> None:
        agents = self._living()
        for agent in agents:
            mark(self._home.agents / agent)
        try:
            process_tree.end_trees(agents, grace=_GRACE)
            self._tmux.kill_server()
        except HephaestusError as error:
            log_event(logger, "agents_left", level=logging.ERROR, reason=error.message)
        log_event(logger, "agents_ended", agents=" ".join(sorted(agents)))

    def _save(self, worktree: Path) -> None:
        if not worktrees.is_made(worktree):
            return
        message = f"Work of agent {worktree.name}, whose stack was gone"
        try:
            saved = worktrees.save(worktree, message=message, rules=self._rules)
        except (HephaestusError, OSError) as error:  # all stays in the worktree
            log_event(logger, "work_kept", level=logging.ERROR, worktree=worktree, reason=error)
            return
        log_event(logger, "work_saved", worktree=worktree, commit=saved.tip)


def main() -> int:
    settings = load_settings()
    configure_logging(settings.log_level)
    os.chdir("/")
    with sole_caretaker(settings.home, patience=_PERIOD) as mine:
        if mine:
            Caretaker(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
