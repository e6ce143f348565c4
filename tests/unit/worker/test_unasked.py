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
        (".env.production", 1, PRIVATE),
        ("web/.env-prod", 1, PRIVATE),
        ("deploy/production.env", 1, PRIVATE),
        ("deploy/example.env", 1, ""),
        (".env.production.example", 1, ""),
        ("src/env.py", 1, ""),
        (".envrc", 1, ""),
        ("keys/AuthKey_1.p8", 1, PRIVATE),
        ("deploy_rsa", 1, PRIVATE),
        ("keys/deploy_rsa.pub", 1, ""),
        (".aws/credentials", 1, PRIVATE),
        ("docs/credentials", 1, ""),
        ("config/secrets.yml", 1, PRIVATE),
        ("src/secrets.py", 1, ""),
        ("infra/terraform.tfstate", 1, PRIVATE),
        ("src/monkey.py", 1, ""),
        ("src/keys.py", 1, ""),
        ("environment.yml", 1, ""),
        ("a.sql", LARGEST, ""),
        ("a.sql", LARGEST + 1, LARGE),
    ],
)
def test_secrets_and_large_files_are_left_out(path: str, size: int, reason: str) -> None:
    assert reason_to_leave_out(path, size) == reason
