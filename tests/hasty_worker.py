"""gunicorn's worker with a shorter timeout, so that no test waits for half a minute."""

from typing import ClassVar

from hephaestus_web.requests.slow_clients import TimedWorker


class HastyWorker(TimedWorker):
    """Gives a request one second to arrive completely."""

    whole_seconds: ClassVar[float] = 1.0
