"""Which new files nobody is likely to want in a commit."""

import pytest

from hephaestus_worker.git.worktrees.unasked import (
    LARGE,
    LARGEST,
    PRIVATE,
    reason_to_leave_out,
)


@pytest.mark.parametrize(
    ("path", "size", "reason"),
    [
        (".env", 1, PRIVATE),
        ("web/.env.local", 1, PRIVATE),
        (".env.example", 1, ""),
        ("deploy/ID_RSA", 1, PRIVATE),
        ("certs/server.key", 1, PRIVATE),
        ("src/monkey.py", 1, ""),
        ("src/keys.py", 1, ""),
        ("environment.yml", 1, ""),
        ("a.sql", LARGEST, ""),
        ("a.sql", LARGEST + 1, LARGE),
    ],
)
def test_secrets_and_large_files_are_left_out(path: str, size: int, reason: str) -> None:
    assert reason_to_leave_out(path, size) == reason
