"""A process with a watchdog: ``python -m tests.integration.host.hanging_process part folder``.

Its part hangs, is idle or goes on, as the argument says; a git command waits for a server that
never answers.
"""

import itertools
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from hephaestus_core.watchdog import Part, Watchdog
from hephaestus_worker.git import command as git
from tests.waiting import wait_until

#: What the part that is watched says of itself.
MARKS: dict[str, Callable[[], object]] = {
    "hangs": lambda: 7,
    "idle": lambda: None,
    "goes-on": itertools.count().__next__,
}


def main() -> None:
    folder = Path(sys.argv[2])

    def copy() -> None:
        arguments = ("clone", "--bare", "ssh://nowhere/big", str(folder / "copy.git"))
        git.run(*arguments, doing="copy", timeout=git.FIRST_FETCH)

    threading.Thread(target=copy, daemon=True).start()
    wait_until((folder / "connected").exists, timeout=30, what="git runs")
    mark = MARKS[sys.argv[1]]

    def looked_at() -> object:
        with (folder / "looks").open("a") as looks:
            looks.write(".")
        return mark()

    watchdog = Watchdog({"the part": Part(looked_at, 2.0)}, last_act=git.end_all)
    watchdog.start()
    watchdog.join()


if __name__ == "__main__":
    main()
