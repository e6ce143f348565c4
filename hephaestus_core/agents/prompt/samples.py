"""The prompts of a definition before anybody runs it: one of each kind for each phase."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hephaestus_core.agents.prompt.build import build_prompt, template_of
from hephaestus_core.agents.prompt.parts import (
    Colleague,
    EarlierAttempt,
    Hearsay,
    Origin,
    PromptParts,
)
from hephaestus_core.contract.definitions.config import DEFAULT_RESULT_CRITERIA
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.placeholders import Filling
from hephaestus_core.contract.limits import Limits
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.tasks.kinds import JOIN

#: Characters to a token, a low estimate for English with code.
PER_TOKEN: Final = 3.5

#: The task that another agent might have created.
_TASK: Final = (
    "The export of invoices loses the last line when a customer has more than 100 of them. "
    "`src/export/pages.py::write_page` stops at the page's size and drops the line that does not "
    "fit. Write the line to the next page, keep the order, and add a test with 101 invoices. "
) * 3
_SUMMARY: Final = "The cause is found: one line, and a test that is red because of it."
_LEARNINGS: Final = ["Tests need the database of `make db`", "Dates are stored in UTC"]
_ORIGIN: Final = Origin(UUID(int=4), "Find the cause", None, _SUMMARY, _LEARNINGS)
_EARLIER: Final = [EarlierAttempt(1, "the agent ended without a report")]
_COLLEAGUES: Final = [Colleague("Mend the import", None, ["src/import/rows.py"])]


_MEMORIES: Final = [Hearsay(UUID(int=5 + n), text, None) for n, text in enumerate(_LEARNINGS)]


@dataclass(frozen=True)
class SamplePrompt:
    """One prompt as an agent would get it."""

    kind: str
    """The name of its template, such as ``first`` or ``review``."""
    phase: str | None
    """The phase's name; None: the task belongs to none."""
    text: str

    @property
    def tokens(self) -> int:
        """An estimate."""
        return round(len(self.text) / PER_TOKEN)


def sample_prompts(
    definition: WorkflowDefinition, values: Mapping[str, Any]
) -> Iterator[SamplePrompt]:
    """Yield the prompts of all kinds that the definition's agents can get.

    Args:
        values: for each launch parameter.

    Raises:
        InvalidInput: the values make a text too long.
    """
    filling = Filling(values)
    template = definition.launch_template
    launch = "" if template is None else template.phase_1_task_prompt
    first = filling.text(launch, "phase_1_task_prompt") or _TASK
    phases = [filling.phase(phase.to_dict()) for phase in definition.phases]
    shared: dict[str, Any] = {
        "phases": [(each["id"], each["name"], each["description"]) for each in phases],
        "config": filling.config(definition.config.to_dict(), DEFAULT_RESULT_CRITERIA),
        "workflow_title": definition.name,
        "workflow_description": definition.description,
        "launch_text": first,
    }
    yield _sample(phases[0], **{**shared, "launch_text": ""}, description=first)
    for phase in phases:
        created = {**shared, "origin": _ORIGIN, "colleagues": _COLLEAGUES, "memories": _MEMORIES}
        yield _sample(phase, **created)
        yield _sample(phase, **created, attempt=2, earlier=_EARLIER)
        if phase["join"]:
            yield _sample(phase, **shared, created_by=JOIN)
        if phase["validation"]:
            told = "\n".join([_TASK, phase["validation"]["validator_instructions"]])
            yield _sample(None, **shared, kind=TaskKind.REVIEW, description=told)
    yield _sample(None, **shared, kind=TaskKind.CONFLICT)
    yield _sample(None, **shared, kind=TaskKind.DIAGNOSIS)
    if definition.config.has_result:
        told = str(shared["config"]["result_criteria"])
        yield _sample(None, **shared, kind=TaskKind.RESULT_REVIEW, description=told)


def _sample(phase: Mapping[str, Any] | None, **given: Any) -> SamplePrompt:
    done = [] if phase is None else phase["done_definitions"]
    usual: dict[str, Any] = {
        "agent_id": UUID(int=1),
        "task_id": UUID(int=2),
        "workflow_id": UUID(int=3),
        "attempt": 1,
        "kind": TaskKind.WORK,
        "created_by": "agent",
        "title": "Mend the export of invoices",
        "description": _TASK,
        "done_definition": "\n".join(f"- {each}" for each in done),
        "branch": "hephaestus/task/mend-the-export-1",
        "phase": phase,
        "most_tasks": Limits().tasks_per_attempt,
        "marks": Marks("0badcafe"),
    }
    parts = PromptParts(**(usual | given))
    name = None if phase is None else str(phase["name"])
    return SamplePrompt(template_of(parts).name, name, build_prompt(parts))
