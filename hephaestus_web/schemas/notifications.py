"""Requests about notifications."""

from hephaestus_web.schemas.base import Input, Word


class TrialInput(Input):
    """Which channel a trial is sent to."""

    channel = Word(load_default=None, allow_none=True, metadata={"description": "null: to all."})
