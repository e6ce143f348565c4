"""Policies that a person chooses by name."""

from typing import Literal

ConflictPolicy = Literal["newest_file_wins", "agent", "manual"]
"""What a merge conflict does."""
