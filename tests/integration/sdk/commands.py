"""Commands as tests call them, on the real API."""

import json
from collections.abc import Callable
from typing import Any

#: An id that nothing has.
ABSENT = "00000000-0000-4000-8000-000000000000"

Invoke = Callable[..., tuple[int, str]]


def parsed(answer: tuple[int, str]) -> Any:
    assert answer[0] == 0, answer[1]
    return json.loads(answer[1])
