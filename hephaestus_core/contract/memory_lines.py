"""Bounds of memories that are sent as lines of JSON, one memory on each."""

from typing import Final

#: The media type of such lines.
MEDIA_TYPE: Final = "application/x-ndjson"
#: Most lines of one request, and most bytes of one line; a longer file goes in several requests.
MOST_LINES: Final = 500
LONGEST_LINE: Final = 200_000
#: Most faults that an import names.
MOST_FAULTS: Final = 20
