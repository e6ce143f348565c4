"""A host that receives no bells: ``python -m tests.integration.host.deaf_worker home url origin``.

One thread copies ``origin``, however long that takes. Another holds an agent's lock until the file
`free` appears in the home. Each heartbeat adds a byte to the file `beats`.
"""

import os
import sys
import threading
import time
from pathlib import Path

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_worker.git import command as git
from hephaestus_worker.host.heartbeat import Heartbeat
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.terminal.tmux import Tmux

HANGING_SECONDS = float(os.environ.get("HANGING_SECONDS", "1000"))


def main() -> None:
    home, url, origin = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    settings = Settings(home=home, host_name="a", database_url=url, heartbeat_seconds=0.05)
    machine = Machine(
        settings=settings,
        db=Database(url, pool_size=2),
        tmux=Tmux(HomeLayout(home).tmux_socket),
        folders=folders_of(settings),
        send=lambda _: None,
    )

    def show_life() -> None:
        with (home / "beats").open("a") as beats:
            beats.write(".")

    def copy() -> None:
        target = str(home / "copy.git")
        command = ("clone", "--bare", origin, target)
        git.run(*command, doing="copy", timeout=git.FIRST_FETCH, server=True)

    def work() -> None:
        with machine.busy.try_acquire("agent 1"):
            while not (home / "free").exists():
                time.sleep(0.01)

    for task in (copy, work):
        threading.Thread(target=task, daemon=True).start()
    beat = Heartbeat(
        machine,
        knock=lambda: None,
        show_life=show_life,
        deaf_seconds=0.5,
        hanging_seconds=HANGING_SECONDS,
    )
    beat.start()
    beat.join()


if __name__ == "__main__":
    main()
