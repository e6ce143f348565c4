"""Commands as tests call them, on the real API."""

import json
from collections.abc import Callable
from typing import Any

Invoke = Callable[..., tuple[int, str]]


def parsed(answer: tuple[int, str]) -> Any:
    assert answer[0] == 0, answer[1]
    return json.loads(answer[1])
