"""The state machines of a workflow, and of the delivery of its work."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import DeliveryStatus as D
from hephaestus_core.contract.statuses import WorkflowStatus as S

MACHINE: Final = Machine(
    "Workflow",
    begins={S.ACTIVE: "started"},
    edges={
        (S.ACTIVE, S.COMPLETED): "a result was accepted",
        (S.ACTIVE, S.STOPPED): "stopped by a person",
        (S.COMPLETED, S.ACTIVE): "a person sent its work back",
    },
)

#: More work may be merged at any time: then the whole delivery is asked for anew.
DELIVERY: Final = Machine(
    "Delivery of workflow",
    begins={D.NONE: "its workflow was started"},
    edges={
        (D.NONE, D.PENDING): "all work is merged",
        (D.NONE, D.AWAITING_APPROVAL): "all work is merged, and a person is to approve",
        (D.AWAITING_APPROVAL, D.PENDING): "approved by a person",
        (D.AWAITING_APPROVAL, D.NONE): "a person sent it back, or its workflow was stopped",
        (D.PENDING, D.DELIVERED): "brought to the base branch",
        (D.PENDING, D.HELD): "something is in the way",
        (D.PENDING, D.CONFLICT): "conflicts with the base branch",
        (D.PENDING, D.AWAITING_APPROVAL): "more work was merged than was approved",
        (D.PENDING, D.NONE): "its workflow was stopped",
        (D.HELD, D.PENDING): "what held it was approved, or more work was merged",
        (D.HELD, D.DELIVERED): "brought to the base branch",
        (D.HELD, D.CONFLICT): "conflicts with the base branch",
        (D.HELD, D.AWAITING_APPROVAL): "more work was merged than was approved",
        (D.HELD, D.NONE): "a person sent it back, or its workflow was stopped",
        (D.CONFLICT, D.PENDING): "approved again, or more work was merged",
        (D.CONFLICT, D.AWAITING_APPROVAL): "more work was merged",
        (D.CONFLICT, D.NONE): "a person sent it back, or its workflow was stopped",
        (D.DELIVERED, D.PENDING): "more work was merged",
        (D.DELIVERED, D.AWAITING_APPROVAL): "more work was merged",
    },
)

#: A person may let it go on.
APPROVABLE: Final = frozenset({D.AWAITING_APPROVAL, D.CONFLICT})

#: A person may send it back.
RETURNABLE: Final = frozenset({D.AWAITING_APPROVAL, D.CONFLICT, D.HELD})

#: A host brings the work to the base branch.
DELIVERING: Final = frozenset({D.PENDING, D.HELD})
