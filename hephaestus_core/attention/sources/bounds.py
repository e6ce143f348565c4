"""The bound of every source."""

from typing import Final

#: Rows that one source returns; the list says if there is more.
MOST: Final = 200
