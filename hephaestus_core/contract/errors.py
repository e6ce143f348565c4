"""Every refusal of the system, as one tree with stable codes.

HephaestusError
├── InvalidInput            invalid_input          a value breaks a rule; names field and remedy
│   ├── InvalidDefinitionError  (as above)     a part of a workflow definition; a ValueError too
│   ├── UnknownParameter    unknown_parameter      a launch parameter the template does not have
│   ├── SeveralFaults       (as above)             several of these; in faults.py
│   ├── ConfigurationError  configuration_error    settings that cannot be used, all named at once
│   └── AmbiguousId         ambiguous_id           the first characters of several ids
├── NotFound                not_found              no such thing, or none the caller may see
├── Conflict                conflict               the thing is not in a state that allows this
│   ├── TransitionRefused   transition_refused     the state table has no such edge
│   ├── StaleAttempt        stale_attempt          a newer attempt holds the task
│   ├── ResultDecided       result_decided         the workflow already has its accepted result
│   ├── ReviewDecided       review_decided         the review takes no verdict, or no more
│   ├── CommitMoved         commit_moved           the work is at another commit than looked at
│   ├── WorkflowClosed      workflow_closed        the workflow takes no more work
│   ├── KeyReused           key_reused             an idempotency key came with another order
│   ├── LimitReached        limit_reached          the workflow's limit allows no more
│   └── HostNameTaken       host_name_taken        a live worker bears this host's name
├── Unauthenticated         unauthenticated        no token, or one that is wrong or expired
├── Forbidden               forbidden              a good token that does not allow this
├── RateLimited             rate_limited           too many wrong tokens from this address
├── RepositoryError         repository_error       the repository cannot be used as asked
├── AgentProgramError       agent_program_error    the program cannot be started as asked
└── Unavailable             unavailable            a server is away for now; try again

A message names the thing and the remedy. Codes never change once released.
"""

from typing import Any, ClassVar


class HephaestusError(Exception):
    """Base of all errors that a caller may want to catch.

    Args:
        message: names the thing and the remedy, in one or two sentences.
        field: the faulty input, if there is one.
        details: further values for programs, JSON only.
    """

    code: ClassVar[str] = "error"

    def __init__(
        self, message: str, *, field: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = details or {}


class InvalidInput(HephaestusError):
    """A value breaks a rule; nothing was changed."""

    code = "invalid_input"


class InvalidDefinitionError(InvalidInput, ValueError):
    """A phase, workflow definition or launch template that cannot be used as written.

    Args:
        says: the fault of the field, and the remedy.
        field: the path of the field, for example ``phases[1].name``.
        place: the place of the definition for people, for example a file.
    """

    def __init__(self, says: str, *, field: str | None = None, place: str | None = None) -> None:
        super().__init__(": ".join(filter(None, (place, field, says))), field=field)
        self.says = says
        self.place = place

    def within(self, field: str) -> "InvalidDefinitionError":
        """Return the same error with ``field`` as a prefix of its path."""
        path = field if self.field is None else f"{field}.{self.field}"
        return InvalidDefinitionError(self.says, field=path, place=self.place)

    def at(self, place: str) -> "InvalidDefinitionError":
        """Return the same error with a place added before its other places."""
        places = ": ".join(filter(None, (place, self.place)))
        return InvalidDefinitionError(self.says, field=self.field, place=places)


class UnknownParameter(InvalidInput):
    """The template has no launch parameter of this name."""

    code = "unknown_parameter"


class ConfigurationError(InvalidInput):
    """The settings are invalid; the message lists all faults."""

    code = "configuration_error"


class AmbiguousId(InvalidInput):
    """Several ids begin with the given text; ``details["candidates"]`` lists the first of them."""

    code = "ambiguous_id"


class NotFound(HephaestusError):
    """The thing does not exist, or the caller may not see it."""

    code = "not_found"


class Conflict(HephaestusError):
    """The state of the thing does not allow this."""

    code = "conflict"


class TransitionRefused(Conflict):
    """The state machine has no such transition."""

    code = "transition_refused"


class StaleAttempt(Conflict):
    """The report comes from an attempt that no longer holds its task."""

    code = "stale_attempt"


class ResultDecided(Conflict):
    """The workflow already has its one accepted result, or this result was judged before."""

    code = "result_decided"


class ReviewDecided(Conflict):
    """The review is decided already, or is not with the caller."""

    code = "review_decided"


class CommitMoved(Conflict):
    """The work is at another commit than the one that was looked at.

    ``details["commit"]`` is the present one.
    """

    code = "commit_moved"


class WorkflowClosed(Conflict):
    """The workflow takes no more work."""

    code = "workflow_closed"


class KeyReused(Conflict):
    """An earlier, different request used the idempotency key; nothing was created."""

    code = "key_reused"


class LimitReached(Conflict):
    """A limit of the workflow allows no more; ``details`` has its name as ``limit``, and ``most``.

    ``details["retry_after"]``, in seconds, is there if waiting helps.
    """

    code = "limit_reached"


class HostNameTaken(Conflict):
    """Another worker bears the name; ``details["seen_at"]`` is its last sign of life, ISO 8601."""

    code = "host_name_taken"


class Unauthenticated(HephaestusError):
    """The token is missing, wrong or expired."""

    code = "unauthenticated"


class Forbidden(HephaestusError):
    """The token is valid but does not allow this."""

    code = "forbidden"


class RateLimited(HephaestusError):
    """This address sent too many wrong tokens; ``details["retry_after"]`` is in seconds."""

    code = "rate_limited"


class RepositoryError(HephaestusError):
    """The repository cannot be used as asked."""

    code = "repository_error"


class AgentProgramError(HephaestusError):
    """The agent program cannot be started as asked."""

    code = "agent_program_error"


class Unavailable(HephaestusError):
    """A required server is unavailable; a later try may succeed."""

    code = "unavailable"
