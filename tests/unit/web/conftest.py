from pathlib import Path

import pytest
from flask import Flask

from hephaestus_core.settings.config import load_settings
from hephaestus_web.app import create_app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The application, neither started nor connected."""
    url = "postgresql+psycopg2://nobody@127.0.0.1:1/none"
    return create_app(load_settings(environ={}, overrides={"home": tmp_path, "database_url": url}))
