"""What agents hand in with a report for the checks of their work."""

from collections.abc import Mapping
from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import NAME_LIMIT, plain_text

_MOST_KEYS: Final = 20
_VALUE_LIMIT: Final = 2000


def checked_proof(proof: Mapping[str, str]) -> dict[str, str]:
    """Return a copy of a proof without its empty values, which programs fill in for absent ones.

    Raises:
        InvalidInput: too many keys, or a key or a value that is no text or too long.
    """
    if len(proof) > _MOST_KEYS:
        raise InvalidInput(
            f"'proof' has {len(proof)} entries; at most {_MOST_KEYS} are taken.", field="proof"
        )
    checked = {
        plain_text(key, "proof", limit=NAME_LIMIT, required=True): plain_text(
            value, f"proof.{key[:NAME_LIMIT]}", limit=_VALUE_LIMIT
        )
        for key, value in proof.items()
    }
    return {key: value for key, value in checked.items() if value.strip()}
