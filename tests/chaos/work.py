"""The tasks of a chaos run: they live for a while, create tasks, and touch the same files."""

import random
from dataclasses import dataclass, field

from tests.e2e.scripts import create, task, write
from tests.e2e.workload import Workload

#: Files that many tasks change at once.
_SHARED = 5


@dataclass
class ChaosWork(Workload):
    """A workload whose agents live for some seconds each.

    Args:
        rng: chooses how long each agent lives, and which file it shares.
        shortest, longest: seconds that an agent lives.
    """

    rng: random.Random = field(default_factory=random.Random)
    shortest: float = 5.0
    longest: float = 60.0

    def _parent(self, name: str) -> str:
        first, second = (self.rng.uniform(self.shortest, self.longest) for _ in range(2))
        child = create(
            f"Write the second file {name}.",
            f"run: test -f first/{name}.txt",
            *self._steps("second", name, second),
        )
        return task(f"Write the first file {name}.", *self._steps("first", name, first, child))

    def _steps(self, place: str, name: str, seconds: float, *between: str) -> list[str]:
        shared = f"shared/{self.rng.randrange(_SHARED)}.txt"
        return [
            write(f"{place}/{name}.txt", f"{place} {name}"),
            f"sleep: {seconds / 2:.1f}",
            *between,
            write(shared, f"{place} {name}"),
            f"sleep: {seconds / 2:.1f}",
            f"done: wrote {place}/{name}.txt",
        ]
