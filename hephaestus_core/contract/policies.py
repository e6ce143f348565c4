"""Policies that a person chooses by name."""

from typing import Final, Literal, get_args

ConflictPolicy = Literal["newest_file_wins", "agent", "manual"]
"""The handling of a merge conflict."""
CONFLICT_POLICIES: Final[tuple[ConflictPolicy, ...]] = get_args(ConflictPolicy)

OnResultFound = Literal["stop_all", "do_nothing", "complete"]
"""The effect of an accepted result on its workflow."""
ON_RESULT_FOUND: Final[tuple[OnResultFound, ...]] = get_args(OnResultFound)

Reviewer = Literal["agent", "person", "machine"]
"""The judge of work where checks alone cannot tell; ``machine``: checks alone count."""
REVIEWERS: Final[tuple[Reviewer, ...]] = get_args(Reviewer)

MergeTime = Literal["alone", "with_children"]
"""Whether a task's work is merged by itself, or together with the work that follows it."""
MERGE_TIMES: Final[tuple[MergeTime, ...]] = get_args(MergeTime)

ConductorPolicy = Literal["observe", "advise", "act"]
"""What follows from agents that are in each other's way: a record, messages, or also an end."""
