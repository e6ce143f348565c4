"""The texts of a definition, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.phases import Phase


@dataclass(frozen=True)
class Finding:
    """A fault or a weak spot, with its remedy."""

    is_error: bool
    place: str
    """The field, such as ``phases[1].description``."""
    says: str
    quote: str = ""
    """The words of the definition that it is about, by which a reader finds the line."""


@dataclass(frozen=True)
class Text:
    """A text of the definition."""

    place: str
    text: str


def error(place: str, says: str, quote: str = "") -> Finding:
    """Return a finding that a run would stumble over."""
    return Finding(is_error=True, place=place, says=says, quote=quote)


def warning(place: str, says: str, quote: str = "") -> Finding:
    """Return a finding about a text that agents may misread."""
    return Finding(is_error=False, place=place, says=says, quote=quote)


def all_texts(definition: WorkflowDefinition) -> Iterator[Text]:
    """Yield every text that an agent or a reviewer reads, and every command."""
    for number, phase in enumerate(definition.phases):
        yield from phase_texts(phase, f"phases[{number}]")
    config = definition.config
    yield Text("config.result_criteria", config.result_criteria or "")
    for name in ("setup_command", "test_command", "lint_command", "delivery_check"):
        yield Text(f"config.{name}", getattr(config, name))
    for number, check in enumerate(config.result_checks):
        yield from _check_texts(check, f"config.result_checks[{number}]")
    if definition.launch_template is not None:
        yield Text("launch_template.phase_1_task_prompt", _prompt(definition))


def phase_texts(phase: Phase, place: str) -> Iterator[Text]:
    """Yield the texts of one phase."""
    yield from instructions(phase, place)
    if isinstance(phase.most_tasks, str):
        yield Text(f"{place}.most_tasks", phase.most_tasks)
    if phase.validation is None:
        return
    for name in ("validator_instructions", "reviewer"):
        yield Text(f"{place}.validation.{name}", getattr(phase.validation, name))
    for number, item in enumerate(phase.validation.criteria):
        where = f"{place}.validation.criteria[{number}]"
        if isinstance(item, Check):
            yield from _check_texts(item, where)
        else:
            yield Text(where, item)


def instructions(phase: Phase, place: str) -> Iterator[Text]:
    """Yield the texts of a phase that its agents read."""
    yield Text(f"{place}.description", phase.description)
    yield Text(f"{place}.additional_notes", phase.additional_notes)
    for name in ("done_definitions", "outputs", "next_steps"):
        for number, item in enumerate(getattr(phase, name)):
            yield Text(f"{place}.{name}[{number}]", item)


def _check_texts(check: Check, place: str) -> Iterator[Text]:
    for name in ("description", "command", "metric"):
        yield Text(f"{place}.{name}", getattr(check, name))
    for name in ("target", "pattern"):
        for number, item in enumerate(getattr(check, name)):
            yield Text(f"{place}.{name}[{number}]", item)


def _prompt(definition: WorkflowDefinition) -> str:
    template = definition.launch_template
    return "" if template is None else template.phase_1_task_prompt
