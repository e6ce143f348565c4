"""A trial of the models that a running stack asks."""

from pathlib import Path

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_sdk.api.connecting import running_stack
from hephaestus_sdk.api.llm_views import LlmTrial
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.runtime.doctor import Finding
from hephaestus_sdk.runtime.llm_check import NONE

_NAME = "llm trial"


def tried(home: Path) -> list[Finding]:
    """Have the stack of a home send one tiny call to each of its models; return the outcomes."""
    try:
        address = running_stack(home)
        with HephaestusClient(address.url, address.token) as client:
            trials = client.try_llm()
    except HephaestusError as error:
        return [Finding(_NAME, "fail", error.message)]
    return [_finding(trial) for trial in trials] or [Finding(_NAME, "ok", NONE)]


def _finding(trial: LlmTrial) -> Finding:
    answered = trial.outcome == LlmOutcome.ANSWERED
    told = f"{trial.model} at {trial.provider}, {trial.seconds:.1f} s: {trial.outcome}"
    return Finding(
        _NAME, "ok" if answered else "fail", told if answered else f"{told}; {trial.detail}"
    )
