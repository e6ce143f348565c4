"""The verdicts of the Guardian's rules on labelled cases: a folder of cases, each a few looks.

The cases are those of tests/data/guardian, or of the folder that the environment variable CASES
names. Its README says what a case is. ``drifting`` is not found by rules: that needs an LLM.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.rows import Row, Target
from hephaestus_core.guardian.assessing import assess
from hephaestus_core.guardian.observation import KILLS, Act, Alive, Label, Look, Verdict

CASES: Final = Path(__file__).resolve().parents[1] / "tests" / "data" / "guardian"
FOUND = Target(0.95, at_least=True)
FALSE_KILLS, FALSE_NUDGES = Target(0), Target(0)

#: An agent in one of these situations is to be left alone.
FINE: Final = frozenset({Label.WORKING, Label.LONG_COMMAND})
#: Labels that the rules have to find.
TROUBLE: Final = tuple(
    label for label in Label if label not in FINE | {Label.DRIFTING, Label.UNKNOWN}
)
_FACTS: Final = (
    *("tool_calls", "last_tool", "changed_files", "commits", "input_tokens", "output_tokens"),
    "reported",
)


@dataclass(frozen=True)
class Case:
    """One labelled case."""

    name: str
    program: str
    label: Label
    looks: tuple[Look, ...]
    recorded: bool
    held_out: bool


@dataclass(frozen=True)
class Judged:
    """A case with the verdict at its last look, and the acts proposed at all of them."""

    case: Case
    verdict: Verdict
    acts: frozenset[Act]

    @property
    def right(self) -> bool:
        return self.verdict.label is self.case.label

    @property
    def killed(self) -> bool:
        return self.case.label in FINE and bool(self.acts & KILLS)

    @property
    def nudged(self) -> bool:
        return self.case.label in FINE and Act.STEER in self.acts


def measure() -> dict[str, Row]:
    """Return the rows ``guardian_found``, ``guardian_false_kills`` and ``guardian_false_nudges``.

    Prints the confusion table, and each case that is judged wrongly.
    """
    judged = judge(read_cases(Path(os.environ.get("CASES") or CASES)))
    print(table(judged), end="\n\n")
    fine = [one for one in judged if one.case.label in FINE]
    raw = {"found by label": {label: found(judged, label) for label in TROUBLE}} | parts(judged)
    return {
        "guardian_found": Row(share(_trouble(judged)), "x", FOUND, len(_trouble(judged)), raw),
        "guardian_false_kills": Row(
            sum(one.killed for one in fine), "cases", FALSE_KILLS, len(fine)
        ),
        "guardian_false_nudges": Row(
            sum(one.nudged for one in fine), "cases", FALSE_NUDGES, len(fine)
        ),
    }


def read_cases(folder: Path) -> list[Case]:
    """Return the cases of a folder, in the order of their names; end the program if one is none."""
    files = sorted(folder.glob("*/case.json"))
    if not files:
        raise SystemExit(f"{folder} has no cases: <name>/case.json.")
    return [_case(file) for file in files]


def judge(cases: Iterable[Case]) -> list[Judged]:
    """Judge each case at each of its looks."""
    found = []
    for case in cases:
        verdicts = [
            assess(case.looks[:count], program=case.program)
            for count in range(1, len(case.looks) + 1)
        ]
        found.append(Judged(case, verdicts[-1], frozenset(verdict.act for verdict in verdicts)))
    return found


def share(judged: Sequence[Judged]) -> float:
    """Return the share of cases with the right label; 1 for none."""
    return sum(one.right for one in judged) / len(judged) if judged else 1.0


def found(judged: Sequence[Judged], label: Label) -> float:
    """Return the share of the cases with this label that are found."""
    return share([one for one in judged if one.case.label is label])


def parts(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the share found of recorded cases, and of those held out while rules were tuned."""
    trouble = _trouble(judged)
    return {
        "found, recorded": share([one for one in trouble if one.case.recorded]),
        "found, held out": share([one for one in trouble if one.case.held_out]),
        "right, held out": share([one for one in judged if one.case.held_out]),
        "right, all": share(judged),
    }


def table(judged: Sequence[Judged]) -> str:
    """Return the confusion table, the shares, and the cases that are judged wrongly."""
    counts = Counter((one.case.label, one.verdict.label) for one in judged)
    columns = list(dict.fromkeys(given for _, given in sorted(counts)))
    rows = [("is \\ judged", *columns, "cases", "found")]
    for label in sorted({one.case.label for one in judged}):
        numbers = [counts[label, given] for given in columns]
        cells = (str(number or "") for number in numbers)
        rows.append((label, *cells, str(sum(numbers)), f"{found(judged, label):.3g}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    shown = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    summary = (f"{name}: {value:.3g}" for name, value in parts(judged).items())
    return "\n".join(line.rstrip() for line in (*shown, "", *summary, "", *_wrong(judged)))


def _wrong(judged: Sequence[Judged]) -> Iterable[str]:
    for one in judged:
        acts = "KILLED " if one.killed else "nudged " if one.nudged else ""
        if acts or not one.right:
            given = f"{one.verdict.label} by {one.verdict.rule}"
            yield f"{acts}{one.case.name}: is {one.case.label}, judged {given}"


def _trouble(judged: Sequence[Judged]) -> list[Judged]:
    return [one for one in judged if one.case.label in TROUBLE]


def _case(file: Path) -> Case:
    try:
        entry: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        looks = tuple(_look(look, file.parent) for look in entry["looks"])
        label, program = Label(entry["label"]), str(entry["program"])
        recorded, held_out = bool(entry.get("recorded")), bool(entry.get("held_out"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"{file}: not a case ({type(error).__name__}: {error}).") from error
    if not looks:
        raise SystemExit(f"{file}: a case needs at least one look.")
    return Case(file.parent.name, program, label, looks, recorded, held_out)


def _look(entry: Mapping[str, Any], folder: Path) -> Look:
    screen = entry.get("screen")
    return Look(
        at=float(entry["at"]),
        screen=(folder / screen).read_text(encoding="utf-8") if screen else None,
        process=Alive(entry.get("process") or "unknown"),
        **{name: entry.get(name) for name in _FACTS},
    )
