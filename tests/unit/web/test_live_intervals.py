"""A lost connection is told within two seconds: what the pages wait for adds up to less."""

import re
from pathlib import Path
from typing import Final

from hephaestus_web.live import sockets

SCRIPT: Final = (Path(__file__).parents[3] / "hephaestus_web/static/live.js").read_text()
#: Milliseconds within which people are told.
WITHIN: Final = 2000


def interval(pattern: str) -> int:
    found = re.search(pattern, SCRIPT)
    assert found is not None, pattern
    return int(found[1])


def test_silence_is_told_within_two_seconds() -> None:
    silent = interval(r"const SILENT_MS = (\d+);")
    patience = interval(r"PATIENCE_MS = \{ strip: (\d+),")
    looks = interval(r"lost\(\);\n\}, (\d+)\);")
    assert silent + patience + looks < WITHIN


def test_a_server_that_is_there_is_never_silent_for_so_long() -> None:
    silent = interval(r"const SILENT_MS = (\d+);")
    assert silent > sockets.PING_SECONDS * 1000
