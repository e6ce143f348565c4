"""Settings and database of one web process, made once by :func:`hephaestus_web.app.create_app`."""

from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app

from hephaestus_core.db.engine import Database
from hephaestus_core.llm.service import Llm
from hephaestus_core.settings.config import Settings
from hephaestus_core.vectors.service import Vectors

_KEY: Final = "hephaestus"


@dataclass(frozen=True)
class Wiring:
    """The parts that requests share."""

    settings: Settings
    database: Database
    llm: Llm
    vectors: Vectors


def install(app: Flask, wiring: Wiring) -> None:
    """Make the parts reachable from requests."""
    app.extensions[_KEY] = wiring


def wiring() -> Wiring:
    """Return the parts of the application that handles this request."""
    found: Wiring = current_app.extensions[_KEY]
    return found


def database() -> Database:
    """Return the database of the application that handles this request."""
    return wiring().database


def llm() -> Llm:
    """Return what the application that handles this request asks models by."""
    return wiring().llm


def vectors() -> Vectors:
    """Return what the application that handles this request searches by meaning with."""
    return wiring().vectors
