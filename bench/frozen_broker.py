"""How much goes on while Redis hangs: tasks done in 100 s, compared with 100 s with Redis.

Redis is a server of its own here, which nobody starts again: it is stopped by a signal, so that
connections to it stay open and nothing answers.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.rows import Row, Target
from bench.surroundings import Stack, running_stack, temporary_folder
from hephaestus_sdk.runtime import ports, valkey

SECONDS: Final = 100.0
#: Seconds for agents to begin, before each count.
_SETTLE_SECONDS: Final = 5.0
#: More than ten agents can do in both counts.
_TASKS: Final = 1_100
_PASSWORD: Final = "not-a-secret"
_TASK: Final = """Work for two seconds.

```script
- run: sleep 2
- write: {{path: done/{number}, content: '{number}'}}
- done: worked
```
"""


def measure() -> dict[str, Row]:
    """Return the row ``frozen_redis_ratio``."""
    with (
        temporary_folder() as folder,
        _broker(folder) as (url, process),
        running_stack(redis_url=url) as stack,
    ):
        workflow_id = stack.sdk.start_workflow("bench", description="with and without Redis")
        for number in range(_TASKS):
            stack.sdk.create_task_in_workflow(workflow_id, _TASK.format(number=number), 1)
        with_redis = _done_meanwhile(stack, workflow_id)
        process.send_signal(signal.SIGSTOP)
        without = _done_meanwhile(stack, workflow_id)
        process.send_signal(signal.SIGCONT)
        stack.sdk.stop_workflow(workflow_id)
    figures = {"done_with": with_redis, "done_without": without, "seconds": SECONDS}
    return {
        "frozen_redis_ratio": Row(without / with_redis, "x", Target(0.5, at_least=True), 1, figures)
    }


def _done_meanwhile(stack: Stack, workflow_id: str) -> int:
    time.sleep(_SETTLE_SECONDS)
    before = _done(stack, workflow_id)
    time.sleep(SECONDS)
    return _done(stack, workflow_id) - before


def _done(stack: Stack, workflow_id: str) -> int:
    return stack.sdk.get_workflow(workflow_id).task_counts.get("done", 0)


@contextmanager
def _broker(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    server = valkey.ValkeyServer(folder / "valkey", ports.choose(), durable=False)
    server.prepare(_PASSWORD)
    process = subprocess.Popen(server.argv(), stdout=subprocess.DEVNULL, cwd="/")
    try:
        while not valkey.is_ready(server.port, _PASSWORD):
            time.sleep(0.05)
        yield server.url(_PASSWORD), process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
