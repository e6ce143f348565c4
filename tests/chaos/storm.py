"""A storm of faults on a stack with two hosts: one fault after the other, at random moments."""

import contextlib
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from tests.agent_processes import kill
from tests.chaos.network import Network
from tests.e2e import faults
from tests.e2e.second_host import SecondHost
from tests.e2e.stack import Stack, agents_in, tmux_server
from tests.small_disk import SmallDisk
from tests.wrong_clocks import WrongClock

#: By how many seconds the second host's clock may be wrong.
_JUMPS = (-3600, -30, 30, 3600)
_SERVERS = ("web", "worker", "beat", "postgres", "valkey")


@dataclass
class Storm:
    """The faults, and what they strike.

    Args:
        network: between the second host and the stack.
        clock: the second host's.
        pauses: the least and the most seconds between two faults.
        lasting: the same for how long a process is frozen, a disk full, a network cut.
        struck: how often each fault struck.
    """

    stack: Stack
    second: SecondHost
    disk: SmallDisk
    network: Network
    clock: WrongClock
    rng: random.Random
    pauses: tuple[float, float]
    lasting: tuple[float, float]
    struck: Counter[str] = field(default_factory=Counter)

    def blow(self, until: float) -> None:
        """Strike at random moments until this time of the monotonic clock; leave all as it was.

        No fault strikes again before all others have struck.
        """
        kinds = self._kinds()
        names: list[str] = []
        try:
            while time.monotonic() < until:
                time.sleep(self.rng.uniform(*self.pauses))
                names = names or self.rng.sample(sorted(kinds), len(kinds))
                self._strike(names.pop(), kinds)
                self._revive()
        finally:
            self.clock.turn(0)
            self._revive()

    def _kinds(self) -> dict[str, Callable[[], object]]:
        found: dict[str, Callable[[], object]] = {
            "second host": self.second.die,
            "second worker": self._kill_second_worker,
            "second tmux server": lambda: kill(_tmux(self.second.home)),
            "second agent": lambda: kill(self._agent(self.second.home)),
            "full disk": self._fill,
            "lost connections": self.network.lose_all,
            "cut network": self._cut,
            "clock jump": self._turn_clock,
        }
        found |= {each.name: partial(each.strike, self.stack, self.rng) for each in faults.ALL}
        frozen: dict[str, Callable[[], Sequence[psutil.Process]]] = {
            "tmux server": partial(_tmux, self.stack.home),
            "agent": partial(self._agent, self.stack.home),
            "second worker": lambda: _tree(self.second.process.pid),
            "second tmux server": partial(_tmux, self.second.home),
            "second agent": partial(self._agent, self.second.home),
        }
        frozen |= {name: partial(self._server, name) for name in _SERVERS}
        return found | {f"frozen {name}": partial(self._freeze, frozen[name]) for name in frozen}

    def _strike(self, name: str, kinds: dict[str, Callable[[], object]]) -> None:
        print(f"{time.strftime('%H:%M:%S')} {name}", flush=True)
        try:
            kinds[name]()
        except Exception as error:
            # It found nothing to strike, for instance no agent at work, or the database was away.
            print(f"{time.strftime('%H:%M:%S')} in vain: {_short(error)}", flush=True)
            name = f"{name}, in vain"
        self.struck[name] += 1

    def _agent(self, home: Path) -> list[psutil.Process]:
        return self.rng.choice(sorted(agents_in(home).items()))[1]

    def _kill_second_worker(self) -> None:
        self.second.signal(signal.SIGKILL)
        # Until it is gone, nobody would start it again.
        self.second.process.wait()

    def _server(self, name: str) -> list[psutil.Process]:
        return _tree(self.stack.pid(name))

    def _freeze(self, choose: Callable[[], Sequence[psutil.Process]]) -> None:
        with _frozen(choose()):
            self._let_it_last()

    def _fill(self) -> None:
        try:
            self.disk.fill()
            self._let_it_last()
        finally:
            self.disk.free()

    def _cut(self) -> None:
        with self.network.cut():
            self._let_it_last()

    def _turn_clock(self) -> None:
        self.clock.turn(self.rng.choice(_JUMPS))

    def _let_it_last(self) -> None:
        time.sleep(self.rng.uniform(*self.lasting))

    def _revive(self) -> None:
        """Start the second host's worker again, as its supervisor would."""
        if self.second.process.poll() is not None:
            self.second.start_again()


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _tmux(home: Path) -> list[psutil.Process]:
    server = tmux_server(home)
    assert server is not None, "no tmux server runs"
    return [psutil.Process(server)]


def _tree(pid: int) -> list[psutil.Process]:
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


@contextmanager
def _frozen(processes: Sequence[psutil.Process]) -> Iterator[None]:
    with ExitStack() as thaw:
        for process in processes:
            thaw.callback(_thaw, process)
            with contextlib.suppress(psutil.Error):
                process.suspend()
        yield


def _thaw(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.Error):
        process.resume()
