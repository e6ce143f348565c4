"""Processor time and memory of all processes of a stack."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

from bench.surroundings import Stack
from hephaestus_core.contract.home import HomeLayout

_MIB = 2**20


@dataclass(frozen=True)
class Memory:
    """MiB: the proportional sizes by process, and the sum of resident sizes.

    Resident sizes count a shared page once for each process.
    """

    pss: Mapping[str, float]
    rss_sum: float


def memory(stack: Stack) -> Memory:
    """Return the stack's memory now. The proportional sizes count each shared page once."""
    pss: dict[str, float] = {}
    rss = 0.0
    for process, name in _processes(stack):
        with suppress(psutil.Error):
            found = process.memory_full_info()
            pss[name] = pss.get(name, 0.0) + found.pss / _MIB
            rss += found.rss / _MIB
    return Memory(pss, rss)


def cpu_seconds(stack: Stack) -> dict[str, float]:
    """Return the processor time by name, including processes that have ended."""
    seconds: dict[str, float] = {}
    for process, name in _processes(stack):
        with suppress(psutil.Error):
            # Only children_… include commands that live for milliseconds.
            seconds[name] = seconds.get(name, 0.0) + sum(process.cpu_times()[:4])
    return seconds


def percent(stack: Stack, *, settle: float, seconds: float) -> dict[str, float]:
    """Return the part of a core that each process needs, by name, over so many seconds.

    Args:
        settle: seconds before the measure, in which what began or ended gets over.
    """
    time.sleep(settle)
    before, began = cpu_seconds(stack), time.monotonic()
    time.sleep(seconds)
    after, taken = cpu_seconds(stack), time.monotonic() - began
    return growth(before, after, per=taken / 100)


def growth(before: Mapping[str, float], after: Mapping[str, float], per: float) -> dict[str, float]:
    """Return the growth of each value, divided by ``per``."""
    return {name: (value - before.get(name, 0.0)) / per for name, value in after.items()}


def _processes(stack: Stack) -> Iterator[tuple[psutil.Process, str]]:
    """Yield every process of the stack: all descendants of its supervisor, and tmux."""
    known = json.loads(HomeLayout(stack.home).stack_file.read_text())
    names = {entry["pid"]: name for name, entry in known["processes"].items()}
    supervisor = psutil.Process(known["pid"])
    yield supervisor, "supervisor"
    for child in supervisor.children():
        for process in (child, *child.children(recursive=True)):
            yield process, names.get(child.pid, child.name())
    socket = HomeLayout(stack.home).tmux_socket
    for process in psutil.process_iter(["cmdline"]):
        if socket in (process.info["cmdline"] or ()):
            yield process, "tmux"
