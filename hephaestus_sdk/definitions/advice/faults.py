"""Faults of a definition: what a run would stumble over."""

import re
from collections.abc import Iterator
from typing import Final

from hephaestus_core.contract.definitions.config import DEFAULT_RESULT_CRITERIA
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.phases import RESULT, Phase
from hephaestus_core.contract.definitions.placeholders import placeholders
from hephaestus_core.contract.programs import BUILT_IN_PROGRAMS
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.tool_names import AGENT_TOOLS
from hephaestus_sdk.definitions.advice.texts import Finding, all_texts, error, instructions
from hephaestus_sdk.errors import InvalidDefinitionError

_PHASE: Final = re.compile(r"\b[Pp]hases? (\d{1,6})\b")
#: A name that is called, or stands in backticks where a tool is meant.
_CALLED: Final = re.compile(r"`([a-z]+(?:_[a-z]+)+)`|\b([a-z]+(?:_[a-z]+)+)\(")
#: Commands that succeed whatever the work is.
_NO_COMMANDS: Final = frozenset({"true", ":", "/bin/true", "exit 0"})


def faults(definition: WorkflowDefinition) -> Iterator[Finding]:
    """Yield the faults of a definition, in the order of its fields."""
    yield from _placeholders(definition)
    yield from _unused_parameters(definition)
    yield from _phase_numbers(definition)
    yield from _tools(definition)
    yield from _unreachable(definition)
    yield from _dead_ends(definition)
    yield from _results(definition)
    yield from _joins(definition)
    yield from _commands(definition)
    yield from _programs(definition)


def mentions(phase: Phase) -> set[int]:
    """Return the numbers of the phases that a phase's own texts name."""
    texts = (each.text for each in instructions(phase, ""))
    return {int(number) for text in texts for number in _PHASE.findall(text)}


def _placeholders(definition: WorkflowDefinition) -> Iterator[Finding]:
    names = _parameters(definition)
    by_lower = {name.lower(): name for name in names}
    for each in all_texts(definition):
        for name in placeholders(each.text):
            if name in names:
                continue
            quote = f"{{{name}}}"
            if name.lower() in by_lower:
                says = f"{quote} differs by case from the parameter {by_lower[name.lower()]!r}"
                yield error(each.place, f"{says}; write it alike", quote)
            else:
                hint = nearest(name, names)
                says = f"{quote} is no launch parameter{hint}; declare it or drop it"
                yield error(each.place, says, quote)


def _unused_parameters(definition: WorkflowDefinition) -> Iterator[Finding]:
    used = {name for each in all_texts(definition) for name in placeholders(each.text)}
    for name in _parameters(definition):
        if name not in used:
            yield error(
                "launch_template.parameters",
                f"the parameter {name!r} is used nowhere; use {{{name}}} in a text or drop it",
                name,
            )


def _phase_numbers(definition: WorkflowDefinition) -> Iterator[Finding]:
    known = {phase.id for phase in definition.phases}
    listed = ", ".join(map(str, sorted(known)))
    for each in all_texts(definition):
        for number in _PHASE.findall(each.text):
            if int(number) not in known:
                says = f"there is no phase {number}; the phases are {listed}"
                yield error(each.place, says, f"hase {number}")


def _tools(definition: WorkflowDefinition) -> Iterator[Finding]:
    for number, phase in enumerate(definition.phases):
        for each in instructions(phase, f"phases[{number}]"):
            for ticked, called in _CALLED.findall(each.text):
                name = ticked or called
                hint = nearest(name, list(AGENT_TOOLS))
                if name not in AGENT_TOOLS and hint:
                    yield error(each.place, f"there is no tool {name!r}{hint}", name)


def _unreachable(definition: WorkflowDefinition) -> Iterator[Finding]:
    named = {each for phase in definition.phases for each in phase.leads_to}
    named |= {each for phase in definition.phases for each in mentions(phase) - {phase.id}}
    named.add(definition.config.on_result_rejected or definition.phases[0].id)
    for number, phase in enumerate(definition.phases[1:], start=1):
        if phase.id not in named and not phase.join:
            yield error(
                f"phases[{number}]",
                f"nothing leads to phase {phase.id}: name it in another phase's leads_to, or give "
                "it a join",
                phase.name,
            )


def _dead_ends(definition: WorkflowDefinition) -> Iterator[Finding]:
    if not definition.config.has_result:
        return
    joined = {each for phase in definition.phases for each in phase.join}
    for number, phase in enumerate(definition.phases):
        onward = phase.leads_to or phase.id in joined or mentions(phase) - {phase.id}
        if not onward and not _may_submit(phase):
            yield error(
                f"phases[{number}].leads_to",
                f"phase {phase.id} leads to no phase and to no result, so the workflow cannot "
                "reach its goal from there",
                phase.name,
            )


def _results(definition: WorkflowDefinition) -> Iterator[Finding]:
    config = definition.config
    if not config.has_result:
        return
    if not any(map(_may_submit, definition.phases)):
        yield error("phases", "no phase hands in the result; name it in a phase's leads_to")
    if config.result_criteria == DEFAULT_RESULT_CRITERIA:
        yield error("config.result_criteria", "is missing; say by which facts a result is accepted")


def _joins(definition: WorkflowDefinition) -> Iterator[Finding]:
    joins = {phase.id: set(phase.join) for phase in definition.phases}
    for number, phase in enumerate(definition.phases):
        if phase.id in _reached(joins, phase.id):
            yield error(
                f"phases[{number}].join",
                f"phase {phase.id} waits for itself through the joins of others, so none of them "
                "ever starts",
                phase.name,
            )


def _reached(joins: dict[int, set[int]], start: int) -> set[int]:
    reached: set[int] = set()
    left = list(joins[start])
    while left:
        each = left.pop()
        if each not in reached:
            reached.add(each)
            left += joins[each]
    return reached


def _commands(definition: WorkflowDefinition) -> Iterator[Finding]:
    for number, phase in enumerate(definition.phases):
        for n, item in enumerate(phase.validation.criteria if phase.validation else []):
            if isinstance(item, Check) and item.command.strip() in _NO_COMMANDS:
                place = f"phases[{number}].validation.criteria[{n}].command"
                yield error(place, f"`{item.command}` checks nothing; name a command that can fail")


def _programs(definition: WorkflowDefinition) -> Iterator[Finding]:
    try:
        definition.check_programs(BUILT_IN_PROGRAMS)
    except InvalidDefinitionError as fault:
        yield error(str(fault.field), fault.message)


def _may_submit(phase: Phase) -> bool:
    texts = " ".join(each.text for each in instructions(phase, ""))
    return RESULT in phase.leads_to or "result" in texts.lower()


def _parameters(definition: WorkflowDefinition) -> list[str]:
    template = definition.launch_template
    return [] if template is None else [each.name for each in template.parameters]
