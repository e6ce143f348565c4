"""Shipped workflows with scripts for the agents whose tasks the system writes itself."""

from collections.abc import Mapping
from dataclasses import replace

from hephaestus_sdk.models import Phase, WorkflowDefinition


def scripted(
    definition: WorkflowDefinition,
    *,
    joins: Mapping[int, str],
    reviewers: Mapping[int, str],
    judge: str,
) -> WorkflowDefinition:
    """Return the definition with scripts added to its texts; nothing else is changed.

    Args:
        joins: scripts by the phase that joins others.
        reviewers: scripts of those who judge work, by its phase.
        judge: script of the agent that judges the result.
    """
    config = definition.config
    return replace(
        definition,
        phases=[_scripted(phase, joins, reviewers) for phase in definition.phases],
        config=replace(
            config, result_criteria="\n\n".join([config.result_criteria or "", fenced(judge)])
        ),
    )


def fenced(script: str) -> str:
    """Return a script in the fence by which its agent finds it."""
    return f"```script\n{script}```\n"


def _scripted(phase: Phase, joins: Mapping[int, str], reviewers: Mapping[int, str]) -> Phase:
    if phase.id in joins:
        phase = replace(phase, additional_notes=fenced(joins[phase.id]))
    if phase.id in reviewers and phase.validation is not None:
        told = f"{phase.validation.validator_instructions}\n\n{fenced(reviewers[phase.id])}"
        phase = replace(phase, validation=replace(phase.validation, validator_instructions=told))
    return phase
