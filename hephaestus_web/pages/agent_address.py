"""What the address of the page of agents says: filters, pinned terminals, whether screens show."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from werkzeug.datastructures import MultiDict

#: What agents are filtered by, each with its words on the page.
FACETS: Final = {
    "verdict": "Verdict",
    "workflow": "Workflow",
    "phase": "Phase",
    "program": "Program",
    "host": "Host",
}
#: Terminals beside the list.
MOST_PINNED: Final = 4
_LONGEST: Final = 200
_HIDDEN: Final = "hidden"
_ENDED: Final = "no"


@dataclass(frozen=True)
class Address:
    """An address of the page; as a string it is the address itself."""

    wanted: dict[str, str]
    """The filters that are set."""
    pins: tuple[UUID, ...] = ()
    """The agents whose terminals are pinned, the first one first."""
    has_screens: bool = True
    is_of_ended: bool = False
    """The list of agents that have ended, which has neither terminals nor screens."""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return names and values, as a form would send them."""
        pairs = [("live", _ENDED)] if self.is_of_ended else []
        pairs += self.wanted.items()
        pairs += [] if self.has_screens else [("screens", _HIDDEN)]
        return pairs + [("pin", str(pin)) for pin in self.pins]

    @property
    def takes_pins(self) -> bool:
        """Return whether one more terminal can be pinned."""
        return len(self.pins) < MOST_PINNED

    def with_filter(self, name: str, value: str) -> "Address":
        """Return the address with this filter, or without it where it is set."""
        rest = {other: given for other, given in self.wanted.items() if other != name}
        if self.wanted.get(name) != value:
            rest[name] = value
        return replace(self, wanted=rest)

    def without_filters(self) -> "Address":
        """Return the address of all agents."""
        return replace(self, wanted={})

    def without_pin(self, agent_id: UUID) -> "Address":
        """Return the address without this terminal."""
        return replace(self, pins=tuple(pin for pin in self.pins if pin != agent_id))

    def with_screens(self, shown: bool) -> "Address":
        """Return the address of the same list with or without screens."""
        return replace(self, has_screens=shown)

    def __str__(self) -> str:
        """Return the path and the query."""
        return "/agents" + (f"?{urlencode(self.pairs)}" if self.pairs else "")


def address_of(given: MultiDict[str, str]) -> Address:
    """Return what a request asks for; what cannot be read asks for nothing."""
    wanted = {
        name: value.strip()[:_LONGEST]
        for name in (*FACETS, "q")
        if (value := given.get(name, "")).strip()
    }
    if given.get("live") == _ENDED:
        return Address(wanted, is_of_ended=True)
    return Address(wanted, _pins(given.getlist("pin")), given.get("screens") != _HIDDEN)


def _pins(values: Iterable[str]) -> tuple[UUID, ...]:
    pins: dict[UUID, None] = {}
    for value in values:
        try:
            pins[UUID(value)] = None
        except ValueError:
            continue
    return tuple(pins)[:MOST_PINNED]
