"""Advice on optional packages names what this program was installed from."""

import sys
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.settings.installation import install_command, requirement


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (None, "'hephaestus[server]'"),
        ({"url": "file:///srv/a%20b", "dir_info": {"editable": True}}, "-e '/srv/a b[server]'"),
        ({"url": "file:///srv/hephaestus", "dir_info": {}}, "'/srv/hephaestus[server]'"),
        (
            {
                "url": "https://git.example/h.git",
                "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "c"},
            },
            "'hephaestus[server] @ git+https://git.example/h.git@v1'",
        ),
        (
            {"url": "file:///tmp/h.whl", "archive_info": {}},
            "'hephaestus[server] @ file:///tmp/h.whl'",
        ),
    ],
)
def test_pip_gets_what_it_was_installed_from(origin: dict[str, Any] | None, wanted: str) -> None:
    assert requirement(("server",), origin) == wanted


def test_in_a_checkout_the_checkout_is_installed_with_its_own_python() -> None:
    checkout = Path(__file__).parents[3]
    assert install_command("server", "openai") == (
        f"{sys.executable} -m pip install -e '{checkout}[server,openai]'"
    )
