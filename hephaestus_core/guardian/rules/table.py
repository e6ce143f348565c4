"""All rules in the order in which they are asked."""

from typing import Final

from hephaestus_core.guardian.rules import (
    asking,
    bounds,
    endings,
    loops,
    provider,
    resting,
    silence,
)
from hephaestus_core.guardian.rules.situation import Rule

RULES: Final = (
    Rule(
        "reported",
        "An agent that has reported its task only waits for its end.",
        "at once",
        (),
        endings.reported,
    ),
    Rule(
        "died",
        "Nobody works on the task any more; what was saved is the start of the next try.",
        "no process at two looks",
        ("minimum_age",),
        endings.died,
    ),
    Rule(
        "unseen",
        "An agent that nobody can see may be well; a person is told.",
        "as many looks in a row",
        ("unknown_looks",),
        bounds.unseen,
    ),
    Rule(
        "over_limits",
        "An attempt may use only so much.",
        "more than any of these; none is set at first",
        ("age", "turns", "tokens", "cost"),
        bounds.over_limits,
    ),
    Rule(
        "asks",
        "Nobody sits in front of the program, so its question stands for ever.",
        "at once by its own sign, two looks at a screen so far apart",
        ("dialog",),
        asking.asks,
    ),
    Rule(
        "context_full",
        "The program cannot go on with this conversation.",
        "the program's own error at two looks",
        ("minimum_age",),
        provider.context_full,
    ),
    Rule(
        "limited",
        "Only time or money helps; meanwhile another agent may have the slot.",
        "the program's own error at two looks",
        ("minimum_age", "refused_age"),
        provider.limited,
    ),
    Rule(
        "key_refused",
        "No retry makes a refused key valid, but another program may have one.",
        "the program's own error at two looks",
        ("refused_age",),
        provider.key_refused,
    ),
    Rule(
        "provider_fails",
        "An error that ended the turn, or that retries have not ended.",
        "retries at two looks; the next program once the errors have lasted so long",
        ("silence",),
        provider.provider_fails,
    ),
    Rule(
        "never_started",
        "Without a prompt the program does nothing, and nothing of it can be lost.",
        "no sign of the prompt since the start; another attempt later",
        ("start", "start_kill", "minimum_age"),
        resting.never_started,
    ),
    Rule(
        "waits_for_its_own",
        "An agent that waits for its own tests has not given up.",
        "its program names the command; idle once it has waited so long",
        ("background",),
        resting.waits_for_its_own,
    ),
    Rule(
        "idle",
        "The agent has ended its turn without a report.",
        "two looks without a call between them, because one may fall between two turns",
        (),
        resting.idle,
    ),
    Rule(
        "frozen",
        "A program whose own clock stands still is stopped.",
        "busy, and its clock stands still, or four looks see the same picture; a restart later,"
        " by pictures alone only where no command runs",
        ("frozen", "silence", "minimum_age"),
        silence.frozen,
    ),
    Rule(
        "spawns",
        "An agent that creates tasks without end fills the queue.",
        "more tasks than that, and another one since the last look",
        ("children",),
        bounds.spawns,
    ),
    Rule(
        "loops",
        "Equal calls with equal results bring no headway, and cost as much as others.",
        "equal calls in a row, three rounds of a circle of up to four, or as many calls while"
        " screens show the same few",
        ("repeats", "circle"),
        loops.loops,
    ),
    Rule(
        "same_error",
        "Other attempts that end in the same error need another idea.",
        "the same error at as many looks, over as many calls",
        ("repeats", "circle"),
        loops.same_error,
    ),
    Rule(
        "long_command",
        "Builds and test suites take long; only far beyond that a person is told.",
        "one command without a result",
        ("command",),
        silence.long_command,
    ),
    Rule(
        "hung",
        "Nothing moves for far longer than a model takes to answer.",
        "no call, token, word and change on disk; a restart later",
        ("silence", "silence_kill", "minimum_age"),
        silence.hung,
    ),
    Rule(
        "near_limits",
        "An attempt that is told in time can come to an end with its work.",
        "four fifths of any of these; none is set at first",
        ("age", "turns", "tokens", "cost"),
        bounds.near_limits,
    ),
    Rule(
        "without_change",
        "Many calls without a change on disk may be reading, or going in circles.",
        "as many calls",
        ("calls_without_change",),
        bounds.without_change,
    ),
)
