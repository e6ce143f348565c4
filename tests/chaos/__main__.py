"""A chaos run: ``python -m tests.chaos --minutes 10 --tasks 1000 --seed 7``.

Two hosts work while faults strike. At the end tasks, events, attempts, merges, commits, branches,
processes and worktrees are compared one by one. The exit status is 1 if anything was lost, doubled
or left. The run needs the right to mount a file system in memory.
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Plan, run


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--minutes", type=float, default=10, help="how long the faults strike")
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--agents", type=int, default=48, help="the most at once")
    plan = Plan(**vars(parser.parse_args(arguments)))
    print(plan, flush=True)
    folder = Path(tempfile.mkdtemp(prefix="hephaestus-chaos-"))
    print(f"logs and database of a run that finds something stay in {folder}", flush=True)
    if any(run(folder, plan).found.values()):
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
