"""``python -m hephaestus_web.print_api_reference`` prints ``docs/api.md`` of this version."""

import tempfile
from pathlib import Path

from hephaestus_core.settings.config import load_settings
from hephaestus_web.app import create_app
from hephaestus_web.reference.api_reference import reference
from hephaestus_web.reference.openapi import openapi_document


def main() -> None:
    """Print the reference."""
    with tempfile.TemporaryDirectory() as home:
        # No server is needed: an application that is not started does not connect.
        nowhere = "postgresql+psycopg2://nobody@127.0.0.1/none"
        given = {"home": Path(home), "database_url": nowhere}
        app = create_app(load_settings(environ={}, overrides=given))
        print(reference(openapi_document(app)), end="")  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()
