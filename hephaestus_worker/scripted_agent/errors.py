"""Why a script cannot go on."""


class StepError(Exception):
    """A step failed; the agent reports its task failed with this reason."""


class AttemptOver(Exception):
    """The engine no longer knows this attempt; the agent leaves without a word."""


class EngineAway(Exception):
    """The engine could not be reached for as long as the agent was ready to wait."""
