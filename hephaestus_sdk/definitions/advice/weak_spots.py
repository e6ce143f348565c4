"""Weak spots of a definition: texts that agents may misread, and work that nothing checks."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.definitions.placeholders import placeholders
from hephaestus_sdk.definitions.advice.faults import mentions
from hephaestus_sdk.definitions.advice.texts import Finding, instructions, warning

#: Words by which nobody can tell whether a task is done.
_VAGUE: Final = re.compile(
    r"\b(good|clean|proper(?:ly)?|appropriate(?:ly)?|robust|complete(?:ly)?|well|nice(?:ly)?|as "
    r"needed|if possible)\b",
    re.IGNORECASE,
)
#: An agent cannot know these of other tasks; a join can.
_OF_OTHERS: Final = re.compile(
    r"\b(the last (?:one|task)|all others|all other tasks|while another)\b", re.IGNORECASE
)
_FILE: Final = re.compile(r"\b[\w./-]+/[\w.-]+\.[a-z]{1,5}\b")
_SENTENCE: Final = re.compile(r"[^.!?\n]{40,400}[.!?]")
_MOST_WORDS: Final = 400
_LEAST_WORDS: Final = 30


def weak_spots(definition: WorkflowDefinition) -> Iterator[Finding]:
    """Yield the weak spots of a definition, in the order of its fields."""
    for number, phase in enumerate(definition.phases):
        place = f"phases[{number}]"
        yield from _done_definitions(phase, place)
        yield from _of_other_tasks(phase, place)
        yield from _length(phase, place)
        yield from _onward(phase, place, definition)
    yield from _same_files(definition)
    yield from _same_sentences(definition)
    yield from _bare_values(definition)
    yield from _defaults(definition)
    yield from _unchecked(definition)


def _done_definitions(phase: Phase, place: str) -> Iterator[Finding]:
    for number, item in enumerate(phase.done_definitions):
        vague = _VAGUE.search(item)
        if vague:
            yield warning(
                f"{place}.done_definitions[{number}]",
                f"{vague[0]!r} cannot be checked; name what shows it, such as a command or a file",
                item,
            )
    if not phase.done_definitions:
        yield warning(f"{place}.done_definitions", "nothing says when a task is done", phase.name)


def _of_other_tasks(phase: Phase, place: str) -> Iterator[Finding]:
    for each in instructions(phase, place):
        found = _OF_OTHERS.search(each.text)
        if found:
            says = f"{found[0]!r}: an agent does not know the other tasks; use a join"
            yield warning(each.place, says, found[0])


def _length(phase: Phase, place: str) -> Iterator[Finding]:
    words = sum(len(each.text.split()) for each in instructions(phase, place))
    if not _LEAST_WORDS <= words <= _MOST_WORDS:
        yield warning(
            f"{place}.description",
            f"the phase has {words} words; {_LEAST_WORDS} to {_MOST_WORDS} are read best",
            phase.name,
        )


def _onward(phase: Phase, place: str, definition: WorkflowDefinition) -> Iterator[Finding]:
    joined = any(phase.id in other.join for other in definition.phases)
    if not (phase.leads_to or phase.next_steps or joined or mentions(phase) - {phase.id}):
        yield warning(f"{place}.next_steps", "nothing says what follows", phase.name)


def _same_files(definition: WorkflowDefinition) -> Iterator[Finding]:
    by_file = defaultdict(list)
    for phase in definition.phases:
        for path in {found for item in phase.outputs for found in _FILE.findall(item)}:
            by_file[path].append(phase.id)
    for path, ids in sorted(by_file.items()):
        if len(ids) > 1:
            phases = " and ".join(map(str, ids))
            yield warning("phases", f"phases {phases} both write {path}", path)


def _same_sentences(definition: WorkflowDefinition) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for number, phase in enumerate(definition.phases):
        for each in instructions(phase, f"phases[{number}]"):
            for sentence in _SENTENCE.findall(each.text):
                other = seen.setdefault(sentence.strip(), phase.id)
                if other != phase.id:
                    yield warning(each.place, f"phase {other} has the same sentence", sentence)


def _bare_values(definition: WorkflowDefinition) -> Iterator[Finding]:
    """Yield long texts of people that stand in the prompt without a fence around them."""
    template = definition.launch_template
    if template is None:
        return
    long = {each.name for each in template.parameters if each.type == "textarea"}
    parts = template.phase_1_task_prompt.split("```")
    bare = {name for part in parts[::2] for name in placeholders(part)}
    for name in sorted(long & bare):
        yield warning(
            "launch_template.phase_1_task_prompt",
            f"{{{name}}} holds a long text of a person; put a fence (```) around it",
            f"{{{name}}}",
        )


def _defaults(definition: WorkflowDefinition) -> Iterator[Finding]:
    template = definition.launch_template
    for each in template.parameters if template else []:
        if each.required and each.default is not None and each.type != "dropdown":
            says = f"the parameter {each.name!r} is required and has a default; drop one of both"
            yield warning("launch_template.parameters", says, each.name)


def _unchecked(definition: WorkflowDefinition) -> Iterator[Finding]:
    reviewed = any(phase.validation and phase.validation.enabled for phase in definition.phases)
    if not reviewed and not definition.config.has_result:
        yield warning(
            "phases",
            "no phase has a validation, and the workflow has no result: work is merged unchecked",
        )
