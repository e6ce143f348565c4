"""The time of this machine and that of the database server, which leases are counted by."""

import time

import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import checks
from hephaestus_sdk.runtime.errors import ServerUnreachable


def test_clocks_that_are_apart_are_told(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    assert "s apart from the database server's" in checks.clock(settings)
    with pytest.raises(ServerUnreachable, match="3600 s apart"):
        checks.clock(settings, now=lambda: time.time() - 3600)
