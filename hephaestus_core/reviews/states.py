"""The state machine of a review."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import ReviewStatus as S

MACHINE: Final = Machine(
    "Review",
    begins={S.CHECKING: "work was reported done, or left in silence"},
    edges={
        (S.CHECKING, S.AGENT_REVIEW): "its checks passed, and an agent is to judge",
        (
            S.CHECKING,
            S.PERSON_REVIEW,
        ): "its checks passed, or failed too often, and a person is to judge",
        (S.CHECKING, S.PASSED): "its checks passed",
        (S.CHECKING, S.FAILED): "a check failed",
        (S.CHECKING, S.DROPPED): "its task left review",
        (
            S.AGENT_REVIEW,
            S.PERSON_REVIEW,
        ): "its reviewer gave no verdict, or a person has to judge as well",
        (S.AGENT_REVIEW, S.PASSED): "its reviewer found it good",
        (S.AGENT_REVIEW, S.FAILED): "its reviewer found it wanting",
        (S.AGENT_REVIEW, S.DROPPED): "its task left review",
        (S.PERSON_REVIEW, S.PASSED): "a person found it good",
        (S.PERSON_REVIEW, S.FAILED): "a person found it wanting",
        (S.PERSON_REVIEW, S.DROPPED): "its task left review",
    },
)

#: No verdict yet.
OPEN: Final = frozenset({S.CHECKING, S.AGENT_REVIEW, S.PERSON_REVIEW})
