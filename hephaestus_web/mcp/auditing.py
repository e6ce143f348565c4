"""Audit entries of a person's tool calls, under the name of the REST route of the same use case."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from mcp_types import CallToolResult

from hephaestus_core.access.audit import Deed
from hephaestus_core.agents.tools import Effect
from hephaestus_core.contract.texts import plain_text
from hephaestus_web.mcp.catalogue import Offer
from hephaestus_web.mcp.identity import PersonDoor

#: Length of an id; a longer value is no id.
_LONGEST_ID: Final = 100


def deed_of(
    door: PersonDoor,
    offer: Offer,
    arguments: Mapping[str, Any],
    result: CallToolResult,
    status: HTTPStatus,
) -> Deed:
    """Return the entry for a finished call, with the ids among its arguments."""
    return Deed(
        actor=door.person.name,
        role=door.person.role,
        action=offer.route or "",
        target=dict([*_ids(arguments), *_created(offer, result)]),
        address=door.address,
        status=status,
        idempotency_key=door.sent_key,
    )


def _ids(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in arguments.items():
        if name.endswith("_id") and isinstance(value, str) and len(value) <= _LONGEST_ID:
            yield name, plain_text(value, name)


def _created(offer: Offer, result: CallToolResult) -> Iterator[tuple[str, str]]:
    made = result.structured_content or {}
    if offer.effect is Effect.ADDS and not result.is_error and isinstance(made, dict):
        identity = made.get("id") or made.get("task_id")
        if identity:
            yield "created", str(identity)
