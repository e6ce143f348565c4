"""The measure: mistakes that are caught before the base branch has moved, and honest twins."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.behaviours.folders import read_all
from bench.behaviours.judging import judging
from bench.behaviours.plays import play_all
from bench.behaviours.verdicts import Verdict, verdict
from bench.rows import Row, Target
from bench.surroundings import running_stack

#: The behaviours that ship.
SHIPPED: Final = Path(__file__).resolve().parents[2] / "behaviours"


def measure() -> dict[str, Row]:
    """Return the rows ``behaviours`` and ``honest_blocked``; print an account of each behaviour."""
    folder = Path(os.environ.get("BEHAVIOURS") or SHIPPED)
    behaviours = read_all(folder)
    with judging(behaviours) as settings, running_stack(files=25, **settings) as stack:
        plays = play_all(stack.sdk, behaviours, stack.home.parent / "plays")
    verdicts = [verdict(each, *plays[each.name]) for each in behaviours]
    for each in verdicts:
        print("\n".join(each.lines), file=sys.stderr)
    measured = rows(verdicts)
    told = [f"{row.value:g} {row.unit}, target {row.target}" for row in measured.values()]
    print(f"{len(verdicts)} behaviours: {'; '.join(told)}", file=sys.stderr)
    return measured


def rows(verdicts: Sequence[Verdict]) -> dict[str, Row]:
    """Return the totals, with the account of each behaviour as the data behind them."""
    raw = {each.name: each.lines for each in verdicts}
    caught = sum(each.caught == "caught" for each in verdicts)
    blocked = sum(bool(each.blocked) for each in verdicts)
    least = Target(len(verdicts), at_least=True)
    return {
        "behaviours": Row(caught, "mistakes caught", least, len(verdicts), raw),
        "honest_blocked": Row(blocked, "honest twins blocked", Target(0), len(verdicts), raw),
    }
