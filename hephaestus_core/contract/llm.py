"""Calls of the system itself to language models: their kinds and their outcomes."""

from hephaestus_core.contract.statuses import Described


class CallKind(Described):
    """The purpose of a call."""

    DUPLICATE_JUDGE = "duplicate_judge", "Compare two tasks that look alike."
    TRAJECTORY = "trajectory", "Judge whether an agent is on its way to its goal."
    TASK_ENRICHMENT = "task_enrichment", "Add hints to the text of a task."


#: The kind of a call by which a person tries the configuration.
TRIAL = "trial"


class LlmOutcome(Described):
    """The outcome of a call. Only ``answered`` comes with an answer."""

    ANSWERED = "answered", "The model answered by the schema."
    NOT_CONFIGURED = "not_configured", "No provider or no model is configured for this call."
    KEY_MISSING = "key_missing", "The environment variable with the key is not set here."
    PACKAGE_MISSING = "package_missing", "The package for this provider's API is not installed."
    OVER_BUDGET = "over_budget", "The call might exceed the token budget; it was not sent."
    RESTING = "resting", "The provider failed a moment ago; the call was not sent."
    RATE_LIMITED = "rate_limited", "The provider takes no more calls for now."
    UNAVAILABLE = "unavailable", "The provider cannot be reached, or failed by itself."
    TIMED_OUT = "timed_out", "The answer did not come in time."
    REJECTED = "rejected", "The provider rejected the call, such as for a wrong key or model."
    REFUSED = "refused", "The model refused to answer."
    TRUNCATED = "truncated", "The answer was cut off at its limit of tokens."
    OFF_SCHEMA = "off_schema", "The answer does not follow the schema."
