"""gunicorn's worker with less patience, so that no test waits for half a minute."""

from typing import ClassVar

from hephaestus_web.requests.slow_clients import TimedWorker


class HastyWorker(TimedWorker):
    """Gives a request one second to come whole."""

    whole_seconds: ClassVar[float] = 1.0
