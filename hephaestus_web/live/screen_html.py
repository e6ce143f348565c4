"""A terminal's screen as HTML: its colours become classes, everything else is escaped text."""

import re
from collections.abc import Iterator
from typing import Final

from markupsafe import Markup, escape

#: Most characters that are rendered.
_MOST: Final = 24_000
_SEQUENCE: Final = re.compile(r"\x1b\[([0-9;:]*)m")
#: Whatever else a terminal would obey.
_OTHER: Final = re.compile(r"\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)|[\x00-\x09\x0b-\x1f\x7f-\x9f]")
#: Attributes by the numbers that set them and that end them.
_ATTRIBUTES: Final = {1: "bold", 2: "dim", 3: "italic", 4: "underlined", 7: "reverse", 9: "struck"}
_ENDS: Final = {22: ("bold", "dim"), 23: ("italic",), 24: ("underlined",), 27: ("reverse",)}
#: The sixteen colours of terminals, for the nearest one to any other.
_PALETTE: Final = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0)),
    *((0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *((127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0)),
    *((92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255)),
)
_STEPS: Final = (0, 95, 135, 175, 215, 255)
_Rgb = tuple[int, int, int]


def as_html(screen: str) -> Markup:
    """Return a screen's last part, each run of equal looks in a span."""
    parts = [Markup()]
    pieces = _SEQUENCE.split(screen[-_MOST:])
    look = _Look()
    for number, piece in enumerate(pieces):
        if number % 2:
            look.follow(piece)
        elif text := _OTHER.sub("", piece):
            classes = look.classes()
            inside = escape(text)
            parts.append(
                Markup('<span class="{}">{}</span>').format(classes, inside) if classes else inside
            )
    return Markup().join(parts)


class _Look:
    """Colours and attributes in force."""

    def __init__(self) -> None:
        self._front: int | None = None
        self._back: int | None = None
        self._attributes: set[str] = set()

    def classes(self) -> str:
        """Return the names of the classes, in an order of their own."""
        named = [*sorted(self._attributes)]
        if self._front is not None:
            named.append(f"front-{self._front}")
        if self._back is not None:
            named.append(f"back-{self._back}")
        return " ".join(named)

    def follow(self, sequence: str) -> None:
        """Obey one sequence; what it says beyond colours is left out."""
        numbers = iter([int(n[:4]) if n else 0 for n in re.split("[;:]", sequence)[:32]])
        for number in numbers:
            self._obey(number, numbers)

    def _obey(self, number: int, rest: Iterator[int]) -> None:
        if number == 0:
            self._front, self._back = None, None
            self._attributes.clear()
        elif number in _ATTRIBUTES:
            self._attributes.add(_ATTRIBUTES[number])
        elif number in _ENDS:
            self._attributes.difference_update(_ENDS[number])
        elif number in {38, 48}:
            self._set(_extended(rest), back=number == 48)  # noqa: PLR2004
        elif number in {39, 49}:
            self._set(None, back=number == 49)  # noqa: PLR2004
        elif (plain := _plain(number)) is not None:
            self._set(plain[0], back=plain[1])

    def _set(self, colour: int | None, *, back: bool) -> None:
        if back:
            self._back = colour
        else:
            self._front = colour


def _plain(number: int) -> tuple[int, bool] | None:
    """Return one of the sixteen colours by its own number, and whether it is the ground's."""
    for first, offset, back in ((30, 0, False), (40, 0, True), (90, 8, False), (100, 8, True)):
        if first <= number < first + 8:
            return number - first + offset, back
    return None


def _extended(rest: Iterator[int]) -> int | None:
    """Return the nearest of the sixteen to a colour that is given by number or by its parts."""
    kind = next(rest, 0)
    if kind == 5:  # noqa: PLR2004
        return _of_256(next(rest, 0))
    if kind == 2:  # noqa: PLR2004
        return _nearest((next(rest, 0), next(rest, 0), next(rest, 0)))
    return None


def _of_256(number: int) -> int | None:
    if number < 16:  # noqa: PLR2004
        return number
    if number < 232:  # noqa: PLR2004
        red, green, blue = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
        return _nearest((_STEPS[red], _STEPS[green], _STEPS[blue]))
    grey = 8 + 10 * (min(number, 255) - 232)
    return _nearest((grey, grey, grey))


def _nearest(colour: _Rgb) -> int:
    distances = [
        sum((one - other) ** 2 for one, other in zip(colour, each, strict=True))
        for each in _PALETTE
    ]
    return distances.index(min(distances))
