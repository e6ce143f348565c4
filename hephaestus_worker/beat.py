"""Ring the schedule's bells: ``python -m hephaestus_worker.beat``. One per system is enough.

A second one only doubles the bells, which is harmless: a sweep that comes too soon is not made.
Without any, each worker still does what no bell came for, a little later. Nothing here waits for
the broker or reads a clock that can be set.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable

from hephaestus_core.bells import CONTROL_QUEUE, Bell
from hephaestus_core.doorbell import HANGING_SECONDS, Doorbell
from hephaestus_core.logging import configure_logging
from hephaestus_core.settings.config import load_settings
from hephaestus_core.watchdog import Part, Watchdog
from hephaestus_worker.broker import Broker, broker_url
from hephaestus_worker.host.ready import say_ready
from hephaestus_worker.schedule import Entry, schedule

#: Seconds after the start until everything has been rung once, however rarely it is due.
_FIRST_SECONDS = 300.0


def main() -> int:
    settings = load_settings()
    configure_logging(settings.log_level)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    doorbell = Doorbell(Broker(broker_url(settings)).send)
    doorbell.start()
    parts = {"the sender of bells": Part(doorbell.mark, HANGING_SECONDS)}
    Watchdog(parts, last_act=lambda: None).start()
    beat(
        schedule(settings),
        ring=doorbell,
        show_life=lambda: say_ready(settings, "beat"),
        stopping=stopping,
    )
    return 0


def beat(
    entries: Iterable[Entry],
    *,
    ring: Callable[[list[Bell]], None],
    show_life: Callable[[], None],
    stopping: threading.Event,
) -> None:
    """Ring each entry's bell whenever it is due, until ``stopping``."""
    now = time.monotonic()
    due = {entry: now + min(entry.seconds, _FIRST_SECONDS) for entry in entries}
    show_life()
    while not stopping.wait(max(0.0, min(due.values()) - time.monotonic())):
        show_life()
        now = time.monotonic()
        for entry, at in due.items():
            if at <= now:
                ring([Bell(entry.rung, CONTROL_QUEUE)])
                # What was missed, such as while the machine slept, is not made up for.
                due[entry] = max(at + entry.seconds, now)


if __name__ == "__main__":
    sys.exit(main())
