"""The tasks of a chaos run: they live for a while, create tasks, and touch the same files."""

import contextlib
import random
import time
from dataclasses import dataclass, field

from hephaestus_sdk.errors import HephaestusError
from tests.e2e.scripts import create, task, write
from tests.e2e.stack import DEFINITION
from tests.e2e.workload import Workload

#: Files that many tasks change at once.
SHARED = 5
#: Seconds without any task done after which the rest counts as stuck.
_PATIENCE = 240.0
#: Each look costs the hosts some of this machine's time.
_LOOK_SECONDS = 0.5


@dataclass
class ChaosWork(Workload):
    """A workload whose agents live for some seconds each. Tasks are handed in bit by bit.

    Args:
        rng: chooses how long each agent lives, and which file it shares.
        shortest, longest: seconds that an agent lives.
        refused: the names that could not be handed in, each with the reason.
    """

    rng: random.Random = field(default_factory=random.Random)
    shortest: float = 5.0
    longest: float = 60.0
    refused: list[str] = field(default_factory=list)
    _waiting: list[tuple[str, str]] = field(default_factory=list)
    _seen: int = 0
    _changed_at: float = field(default_factory=time.monotonic)

    def begin(self, tasks: int, *, workflows: int = 2) -> "ChaosWork":
        """Start the workflows, and name so many tasks, half of them created by the others."""
        for _ in range(workflows):
            workflow = self.stack.sdk.start_workflow(DEFINITION.id)
            names = [f"{workflow[:8]}-{number}" for number in range(max(1, tasks // 4))]
            self.names[workflow] = names
        each = [[(workflow, name) for name in names] for workflow, names in self.names.items()]
        self._waiting = [given for row in zip(*each, strict=True) for given in row]
        return self

    def hand_in(self, share: float) -> None:
        """Create tasks until only this share of them is left to create."""
        while len(self._waiting) > share * self.total / 2:
            workflow, name = self._waiting.pop(0)
            try:
                self._create(workflow, name)
            except HephaestusError as error:
                self.refused.append(f"{name}: {error}")

    def hand_in_until(self, until: float, *, share: float) -> None:
        """The same evenly, until this time of the monotonic clock."""
        first, began = len(self._waiting) / (self.total / 2), time.monotonic()
        while (now := time.monotonic()) < until:
            self.hand_in(first - (first - share) * (now - began) / (until - began))
            time.sleep(_LOOK_SECONDS)
        self.hand_in(share)

    def settle(self) -> bool:
        """Wait until all tasks are done and delivered; return whether that came about."""
        try:
            while not self._is_over():
                time.sleep(_LOOK_SECONDS)
            assert self._seen == self.total, f"no task was done for {_PATIENCE:g} s"
            self.stack.sdk.wait_for_completion(timeout=_PATIENCE)
        except (AssertionError, HephaestusError) as error:
            print(f"not settled: {error}\n{self._account()}", flush=True)
            return False
        return True

    def _is_over(self) -> bool:
        """Return whether all tasks are done, or none was for long."""
        now = time.monotonic()
        with contextlib.suppress(Exception):  # the database may still be on its way back
            if (done := self._done()) != self._seen:
                self._seen, self._changed_at = done, now
        return self._seen == self.total or now - self._changed_at > _PATIENCE

    def _parent(self, name: str) -> str:
        first, second = (self.rng.uniform(self.shortest, self.longest) for _ in range(2))
        child = create(
            f"Write the second file {name}.",
            f"run: test -f first/{name}.txt",
            *self._steps("second", name, second),
        )
        return task(f"Write the first file {name}.", *self._steps("first", name, first, child))

    def _steps(self, place: str, name: str, seconds: float, *between: str) -> list[str]:
        shared = f"shared/{self.rng.randrange(SHARED)}.txt"
        return [
            write(f"{place}/{name}.txt", f"{place} {name}"),
            f"sleep: {seconds / 2:.1f}",
            *between,
            write(shared, f"{place} {name}"),
            f"sleep: {seconds / 2:.1f}",
            f"done: wrote {place}/{name}.txt",
        ]
