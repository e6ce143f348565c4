"""A storm of faults on a stack with two hosts: one fault after the other, at random moments."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.e2e import faults
from tests.e2e.second_host import SecondHost
from tests.e2e.stack import Stack
from tests.small_disk import SmallDisk
from tests.tcp_relay import Relay

#: Seconds between two faults, and for which a process is frozen or a disk full.
_PAUSES = (2.0, 10.0)
_LASTING = (3.0, 20.0)
_JUMPS = (-3600, -30, 0, 30, 3600)


@dataclass
class Storm:
    """The faults, and what they strike.

    Args:
        clock: the file that says by how many seconds the second host's clock is wrong.
        struck: how often each fault struck.
    """

    stack: Stack
    second: SecondHost
    disk: SmallDisk
    relay: Relay
    clock: Path
    rng: random.Random
    struck: Counter[str] = field(default_factory=Counter)

    def blow(self, until: float) -> None:
        """Strike at random moments until this time of the monotonic clock; leave all as it was."""
        try:
            while time.monotonic() < until:
                time.sleep(self.rng.uniform(*_PAUSES))
                self._strike()
                self._revive()
        finally:
            self.clock.write_text("+0s")
            self._revive()

    def _strike(self) -> None:
        fault = self.rng.choice(faults.ALL)
        own: dict[str, Callable[[], None]] = {
            "the second host dies": self.second.die,
            "a frozen process": self._freeze,
            "a full disk": self._fill,
            "a cut network": self.relay.lose_all,
            "a clock that jumps": self._turn_clock,
        }
        # Half of the faults strike the second host or any process, half the stack.
        name = self.rng.choice([*own, *[fault.name] * len(own)])
        self.struck[name] += 1
        print(f"{time.strftime('%H:%M:%S')} {name}", flush=True)
        # A fault may find nothing to strike, for instance no agent at work.
        with contextlib.suppress(AssertionError, psutil.Error, ProcessLookupError):
            if name in own:
                own[name]()
            else:
                fault.strike(self.stack, self.rng)

    def _freeze(self) -> None:
        own = [self.stack.pid(name) for name in self.stack.recorded["processes"]]
        frozen = self.rng.choice([*(pid for pid in own if pid), self.second.process.pid])
        os.kill(frozen, signal.SIGSTOP)
        time.sleep(self.rng.uniform(*_LASTING))
        os.kill(frozen, signal.SIGCONT)

    def _fill(self) -> None:
        self.disk.fill()
        time.sleep(self.rng.uniform(*_LASTING))
        self.disk.free()

    def _turn_clock(self) -> None:
        self.clock.write_text(f"{self.rng.choice(_JUMPS):+d}s")

    def _revive(self) -> None:
        """Start the second host's worker again, as its supervisor would."""
        if self.second.process.poll() is not None:
            self.second.start_again()
