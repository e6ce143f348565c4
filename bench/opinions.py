"""What a model finds among the pairs of which the rules are not sure, as a creation asks it.

It is the model that ``hephaestus_config.yaml`` names for ``duplicate_judge``; its calls cost money.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from bench.databases import new_database
from bench.duplicates import Pair
from bench.surroundings import running_stack
from hephaestus_core.contract.llm import CallKind
from hephaestus_core.duplicates.judge import Answer
from hephaestus_core.intake.opinions import compare
from hephaestus_core.llm.service import Llm
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.llm_settings import route_of

#: Questions at once.
_AT_ONCE: Final = 8


@contextmanager
def configured() -> Iterator[Llm]:
    """Yield what asks the configured model; end the program if there is none."""
    settings = load_settings()
    if route_of(settings, CallKind.DUPLICATE_JUDGE) is None:
        raise SystemExit("LLM=1 needs a model: set 'llm.default_provider' and 'llm.default_model'.")
    with running_stack() as stack, new_database(stack, "opinions") as (db, _):
        llm = Llm(db, settings)
        obstacle = llm.obstacle(CallKind.DUPLICATE_JUDGE)
        if obstacle is not None:
            raise SystemExit(f"LLM=1 needs a model for duplicate_judge: {obstacle[1]}")
        yield llm


def opinions(llm: Llm, pairs: list[Pair]) -> list[Answer]:
    """Return the model's answers; *unsure* where it gave none."""
    with ThreadPoolExecutor(_AT_ONCE) as side_by_side:
        return list(side_by_side.map(lambda pair: _opinion(llm, pair), pairs))


def _opinion(llm: Llm, pair: Pair) -> Answer:
    found = compare(llm, pair.b, [pair.a], workflow_id=None)
    if found is None:
        return Answer.UNSURE
    return Answer.SAME if found.same_as == 1 else Answer.DIFFERENT
