"""Commits of an agent that its branch does not hold; its host keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.left_out import plain_path

#: The most commits named one by one.
_NAMED: Final = 20
_SHORT: Final = 12


@dataclass(frozen=True)
class KeptCommit:
    """A commit, and its name for people, such as "branch side", "stash@{0}" or "tag v1"."""

    name: str
    commit: str


def brief(kept: Sequence[KeptCommit]) -> list[KeptCommit]:
    """Return the entries to store: the first ones, with printable names."""
    return [KeptCommit(plain_path(each.name), each.commit) for each in kept[:_NAMED]]


def in_words(kept: Sequence[KeptCommit]) -> str:
    """Return "branch side (1f2e3d4c5b6a), stash@{0} (0a1b2c3d4e5f)"."""
    return ", ".join(f"{each.name} ({each.commit[:_SHORT]})" for each in kept)
