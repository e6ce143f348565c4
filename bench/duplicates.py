"""Precision and recall of the rules that find duplicate tasks, on labelled pairs of texts.

The pairs are those of tests/data, or of the file that the environment variable PAIRS names: lines
of JSON with ``a``, ``b``, ``duplicate`` and ``kind``. Pairs of which the rules are not sure count
as no duplicates. With LLM=1 a model is asked about those too, and a second table has its answers.
"""

import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.rows import Row, Target, rounded
from hephaestus_core.duplicates.judge import Answer, judge
from hephaestus_core.duplicates.text import read

PAIRS: Final = Path(__file__).resolve().parents[1] / "tests" / "data" / "duplicates.jsonl"
PRECISION, RECALL = Target(0.97, at_least=True), Target(0.6, at_least=True)

#: The kinds of pairs for which the rules have to find the duplicates contain this.
_TRIVIAL: Final = "trivial"
_HEAD: Final = ("kind", "pairs", "duplicates", "same", "different", "unsure", "precision", "recall")


@dataclass(frozen=True, slots=True)
class Pair:
    a: str
    b: str
    duplicate: bool
    kind: str


@dataclass(slots=True)
class Score:
    """The answers for pairs of one kind or of several, counted by whether they are duplicates."""

    answers: Counter[tuple[bool, Answer]] = field(default_factory=Counter)

    def count(self, *, duplicate: bool | None = None, answer: Answer | None = None) -> int:
        return sum(
            number
            for (truth, given), number in self.answers.items()
            if duplicate in (None, truth) and answer in (None, given)
        )

    @property
    def precision(self) -> float:
        """The share of duplicates among the pairs judged the same; NaN: there are none."""
        found = self.count(answer=Answer.SAME)
        return self.answers[True, Answer.SAME] / found if found else math.nan

    @property
    def recall(self) -> float:
        """The share of the duplicates that are judged the same; NaN: there are none."""
        duplicates = self.count(duplicate=True)
        return self.answers[True, Answer.SAME] / duplicates if duplicates else math.nan


def measure() -> dict[str, Row]:
    """Return the rows ``duplicates_precision`` and ``duplicates_recall``; print each kind's."""
    pairs = read_pairs(Path(os.environ.get("PAIRS") or PAIRS))
    scores = score(pairs)
    whole = total(scores.values())
    trivial = total(found for kind, found in scores.items() if _TRIVIAL in kind)
    if trivial.count(duplicate=True) == 0:
        trivial = whole
    print(table(scores), end="\n\n")
    if os.environ.get("LLM"):
        _print_with_model(pairs)
    raw = {"recall of all": whole.recall, "pairs": len(pairs)}
    return {
        "duplicates_precision": Row(
            whole.precision, "x", PRECISION, whole.count(answer=Answer.SAME), raw
        ),
        "duplicates_recall": Row(trivial.recall, "x", RECALL, trivial.count(duplicate=True), raw),
    }


def _print_with_model(pairs: Sequence[Pair]) -> None:
    from bench import opinions

    with opinions.configured() as llm:
        scores = score_with_model(pairs, lambda unsure: opinions.opinions(llm, unsure))
    print(f"With a model that judges what the rules are not sure of:\n{table(scores)}", end="\n\n")


def read_pairs(file: Path) -> list[Pair]:
    """Return the pairs of a file; end the program if a line is none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"The pairs of {file} cannot be read: {error}") from error
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    return [_pair(line, f"{file}, line {number}") for number, line in numbered]


def _pair(line: str, where: str) -> Pair:
    try:
        entry: Any = json.loads(line)
        pair = Pair(entry["a"], entry["b"], entry["duplicate"], entry["kind"])
    except (ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"{where}: not a pair ({type(error).__name__}: {error}).") from error
    if not isinstance(pair.duplicate, bool) or {type(pair.a), type(pair.b), type(pair.kind)} != {
        str
    }:
        raise SystemExit(f"{where}: a, b and kind have to be texts, and duplicate true or false.")
    return pair


def score(pairs: Sequence[Pair]) -> dict[str, Score]:
    """Return the scores by kind, in the order of the kinds' names."""
    return _scores(pairs, [_by_rules(pair) for pair in pairs])


def score_with_model(
    pairs: Sequence[Pair], ask: Callable[[list[Pair]], list[Answer]]
) -> dict[str, Score]:
    """Return the scores where ``ask`` answers for the pairs of which the rules are not sure."""
    answers = [_by_rules(pair) for pair in pairs]
    unsure = [n for n, answer in enumerate(answers) if answer is Answer.UNSURE]
    for number, answer in zip(unsure, ask([pairs[n] for n in unsure]), strict=True):
        answers[number] = answer
    return _scores(pairs, answers)


def _by_rules(pair: Pair) -> Answer:
    return judge(read(pair.a), read(pair.b)).answer


def _scores(pairs: Sequence[Pair], answers: Sequence[Answer]) -> dict[str, Score]:
    scores: dict[str, Score] = {kind: Score() for kind in sorted({pair.kind for pair in pairs})}
    for pair, answer in zip(pairs, answers, strict=True):
        scores[pair.kind].answers[pair.duplicate, answer] += 1
    return scores


def total(scores: Iterable[Score]) -> Score:
    """Return the scores as one."""
    return Score(sum((found.answers for found in scores), Counter()))


def table(scores: Mapping[str, Score]) -> str:
    """Return the scores of each kind and of all as an aligned table."""
    rows = [
        _HEAD,
        *(_cells(*entry) for entry in (*scores.items(), ("all", total(scores.values())))),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cells(kind: str, found: Score) -> tuple[str, ...]:
    answers = (found.count(answer=answer) for answer in Answer)
    counts = (found.count(), found.count(duplicate=True), *answers)
    return kind, *map(str, counts), _share(found.precision), _share(found.recall)


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{rounded(value):g}"
