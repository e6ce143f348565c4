"""Filters of the page of agents, kept in its address: pure functions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.agents.board import AgentRow
from hephaestus_core.guardian.standing import ORDER, Standing, standing
from hephaestus_web.pages.agent_address import FACETS, Address

#: Chips of one facet, the most frequent.
_MOST_CHIPS: Final = 12


@dataclass(frozen=True)
class Shown:
    """A row of the page."""

    agent: AgentRow
    standing: Standing
    silent: float | None
    """Seconds since anything was new; None: something is."""
    filtered: bool = False
    """Another verdict than this one's is looked for."""

    @property
    def doing(self) -> str:
        """Return its last action, else the last line of its screen."""
        return self.agent.last_tool or self.agent.last_line or ""


@dataclass(frozen=True)
class Chip:
    """One value of a facet, with the address of the page that is filtered by it."""

    value: str
    label: str
    count: int
    on: bool
    address: str


@dataclass(frozen=True)
class Board:
    """The page: rows in their order, tiles, and chips by facet."""

    rows: list[Shown]
    tiles: list[Shown]
    """The rows, and those that have another verdict than the one that is looked for."""
    chips: dict[str, list[Chip]]


def shown(row: AgentRow, now: datetime) -> Shown:
    """Return a row with what follows from it."""
    silent = (now - row.silent_since).total_seconds() if row.silent_since else None
    return Shown(row, standing(row, now), silent)


def board(rows: Sequence[AgentRow], address: Address, now: datetime) -> Board:
    """Return the page of these agents by the filters of its address."""
    wanted = address.wanted
    every = [shown(row, now) for row in rows]
    kept = {name: [each for each in every if _fits(each, wanted, but=name)] for name in FACETS}
    verdict = wanted.get("verdict")
    tiles = [
        Shown(each.agent, each.standing, each.silent, verdict not in {None, each.standing.word})
        for each in kept["verdict"]
    ]
    return Board(
        rows=[each for each in tiles if not each.filtered],
        tiles=tiles,
        chips={name: _chips(name, kept[name], address) for name in FACETS},
    )


def _fits(each: Shown, wanted: Mapping[str, str], *, but: str) -> bool:
    for name, value in wanted.items():
        if name == but:
            continue
        if name == "q":
            if not _has(each, value.casefold()):
                return False
        elif _value(each, name)[0] != value:
            return False
    return True


def _has(each: Shown, text: str) -> bool:
    row = each.agent
    texts = (row.task, row.workflow, row.last_tool, row.last_line, row.host, row.failure_reason)
    return any(text in one.casefold() for one in (*texts, str(row.id)) if one)


def _value(each: Shown, name: str) -> tuple[str, str]:
    """Return an agent's value of a facet, and its words."""
    if name == "verdict":
        return each.standing.word, each.standing.word
    if name == "workflow":
        return str(each.agent.workflow_id), each.agent.workflow
    if name == "phase":
        phase = each.agent.phase or each.agent.kind.replace("_", " ")
        return phase, phase
    value = str(getattr(each.agent, name))
    return value, value


def _is_going(each: Shown, name: str, on: str | None) -> bool:
    """Return whether the value is a deleted workflow, which nothing leads to."""
    row = each.agent
    return name == "workflow" and row.workflow_deleted and str(row.workflow_id) != on


def _chips(name: str, rows: Sequence[Shown], address: Address) -> list[Chip]:
    """Return the chips of a facet; none where there is nothing to choose."""
    on = address.wanted.get(name)
    counts = Counter(_value(each, name) for each in rows if not _is_going(each, name, on))
    if on is None and len(counts) < 2:  # noqa: PLR2004 - one value is no choice
        return []
    if on is not None and all(value != on for value, _ in counts):
        counts[on, on] = 0
    found = counts.most_common(_MOST_CHIPS)
    if name == "verdict":
        found.sort(key=lambda pair: ORDER.index(pair[0][0]) if pair[0][0] in ORDER else len(ORDER))
    return [
        Chip(value, label, count, value == on, str(address.with_filter(name, value)))
        for (value, label), count in found
    ]
