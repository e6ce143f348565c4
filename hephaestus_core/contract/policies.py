"""Policies that a person chooses by name."""

from typing import Final, Literal, get_args

ConflictPolicy = Literal["newest_file_wins", "agent", "manual"]
"""The handling of a merge conflict."""
CONFLICT_POLICIES: Final[tuple[ConflictPolicy, ...]] = get_args(ConflictPolicy)

OnResultFound = Literal["stop_all", "do_nothing", "complete"]
"""The effect of an accepted result on its workflow."""
ON_RESULT_FOUND: Final[tuple[OnResultFound, ...]] = get_args(OnResultFound)
