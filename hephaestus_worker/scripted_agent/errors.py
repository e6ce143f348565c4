"""The errors that end a script."""


class StepError(Exception):
    """A step failed; the agent reports its task as failed with this reason."""


class AttemptOver(Exception):
    """The engine refuses this attempt's calls; the agent ends without a report."""


class EngineAway(Exception):
    """The engine stayed unreachable for longer than the agent waits."""
