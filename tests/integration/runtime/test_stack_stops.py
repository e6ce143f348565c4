"""The last step of a stop, which ends the agents: it gets its time, and its failure is told."""

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import identity, stack, table
from hephaestus_sdk.runtime.errors import StackError
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.processes import ProcessSpec
from hephaestus_sdk.runtime.table import Servers
from hephaestus_worker import shutdown
from tests.integration.runtime import little_stack
from tests.integration.runtime.conftest import processes_in
from tests.waiting import wait_until

Make = Callable[..., Settings]
Start = Callable[..., stack.StackInfo]


def _with_last_step(script: str, **changes: object) -> Callable[..., Sequence[ProcessSpec]]:
    """Return the little stack with another step for agents; in a hurry its first word is --now."""
    argv = ("/bin/sh", "-c", script, "agents")
    given = {"argv": argv, "hurried": ("--now",)} | changes

    def programs(settings: Settings, home: Home, servers: Servers) -> Sequence[ProcessSpec]:
        specs = little_stack.programs(settings, home, servers)
        return [replace(s, **given) if s.name == "agents" else s for s in specs]  # type: ignore[arg-type]

    return programs


def test_a_last_step_that_fails_is_done_again_in_a_hurry(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    script = f'echo "step $1" >> {settings.home}/order; [ "$1" = --now ]'
    start(settings, programs=_with_last_step(script))
    assert stack.stop(settings.home)
    order = (settings.home / "order").read_text().splitlines()
    assert order == ["beat", "worker", "step ", "step --now"]


def test_a_stop_in_a_hurry_gives_the_last_step_the_time_that_it_needs(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for()
    slow = f'sleep 3; echo "step $1" >> {settings.home}/order'
    start(settings, programs=_with_last_step(slow, hurried_seconds=60.0, stop_seconds=60.0))
    assert stack.stop(settings.home, graceful=False)
    assert "step --now" in (settings.home / "order").read_text()


@pytest.mark.parametrize("supervised", [True, False])
def test_what_the_last_step_could_not_end_is_told(
    settings_for: Make, start: Start, *, supervised: bool
) -> None:
    settings = settings_for()
    info = start(settings, programs=_with_last_step("echo Processes 1, 2 are left.; exit 1"))
    if not supervised:
        os.kill(info.pid, signal.SIGKILL)
        wait_until(lambda: identity.birth(info.pid) is None, what="the supervisor is gone")
    with pytest.raises(StackError, match=r"'agents' could not end all: Processes 1, 2 are left\."):
        stack.stop(settings.home)
    assert processes_in(settings.home) == []
    assert not stack.stop(settings.home)
    start(settings)
    assert stack.stop(settings.home), "an earlier fault is forgotten"


def test_a_stop_that_takes_too_long_ends_the_last_step_before_it_begins_another(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for()
    home = settings.home
    script = (
        f'[ "$1" = --now ] || {{ echo $$ > {home}/first; exec sleep 1000; }}; '
        f'grep -qs "State:.*sleeping" /proc/$(cat {home}/first)/status && '
        f"echo beside >> {home}/order; echo alone >> {home}/order"
    )
    start(settings, programs=_with_last_step(script, stop_seconds=1000.0))
    waited_for: list[str] = []
    assert stack.stop(home, timeout=3, waiting=waited_for.append)
    assert (home / "order").read_text().split() == ["beat", "worker", "alone"]
    assert waited_for == ["agents"]
    assert processes_in(home) == []


def test_a_stop_waits_as_long_as_its_processes_may_take(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    specs = table.programs(settings, Home(settings.home), Servers("", "", (), None))
    [step] = [spec for spec in specs if spec.runs == "at_stop"]
    start(settings, programs=_with_last_step("true", stop_seconds=1000.0))
    longest = stack._longest_stop(Home(settings.home))
    assert longest > 1000 + sum(s.stop_seconds for s in specs if s.runs == "always")
    assert step.stop_seconds > shutdown.SAVING_SECONDS + 30
