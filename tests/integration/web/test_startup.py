"""The web process by itself, started on secrets that are none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.web_server import _environment

NOWHERE = "postgresql+psycopg2://nobody@127.0.0.1:1/none"


@pytest.mark.parametrize(
    ("text", "mode", "fault"),
    [("x" * 40, 0o644, "can be read by other accounts"), ("hunter2", 0o600, "could be guessed")],
)
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_it_refuses_in_one_line(
    tmp_path: Path, text: str, mode: int, fault: str, address: str
) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    token = tmp_path / "secrets" / "admin.token"
    token.touch(mode=mode)
    token.write_text(text)
    environment = _environment(tmp_path, NOWHERE, None, 1, 2) | {"HEPHAESTUS_MCP_HOST": address}
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "gunicorn", "-c", "python:hephaestus_web.gunicorn_conf"),
            "hephaestus_web.wsgi:app",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 4
    assert fault in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert text not in ended.stderr
