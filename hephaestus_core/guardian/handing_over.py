"""What the next attempt and people are told of one that the Guardian has ended. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from hephaestus_core.contract.statuses import InterventionAction as Do
from hephaestus_core.contract.texts import plain
from hephaestus_core.guardian.observation import Label, Verdict

_LONGEST: Final = 1800
_TROUBLE: Final = {
    Label.LOOPING: "it repeated the same actions without headway",
    Label.FAILING: "the same error came again and again",
    Label.HUNG: "nothing of it moved any more",
    Label.CONTEXT_FULL: "its conversation did not fit its model any more",
    Label.NEVER_STARTED: "its program showed no sign of its prompt",
    Label.LIMITED: "a limit of its model's provider was reached",
}
_ADVICE: Final = {
    Do.RESTART: "Go on in another way than before.",
    Do.RENEW: "Its work is saved; its conversation is left behind. Choose another way.",
    Do.NEXT_PROGRAM: "Another program goes on with its work.",
    Do.RETRY: (
        "This attempt begins from the commit before that trouble; what came after is in the "
        "branches of the earlier attempts. Choose another way."
    ),
    Do.WAIT: "It goes on when the limit ends.",
}


def _trouble(verdict: Verdict) -> str:
    if verdict.rule == "over_limits":
        return "its attempt has used more than it may; an answer lets another one begin"
    return _TROUBLE.get(verdict.label, f"it was judged {verdict.label}")


def hand_over(verdict: Verdict, action: Do) -> str:
    """Return why an attempt was ended and what is known of its end, for whoever goes on."""
    trouble = _trouble(verdict)
    seen = "".join(f"\n- {plain(line)}" for line in verdict.evidence)
    return f"The Guardian ended the attempt: {trouble}. {_ADVICE[action]}{seen}"[:_LONGEST]


def parked_words(verdict: Verdict, earlier: Sequence[Do]) -> str:
    """Return the question to a person about an attempt that nothing has set right."""
    trouble = _trouble(verdict)
    seen = "".join(f"\n- {plain(line)}" for line in verdict.evidence)
    counted = Counter(earlier)
    tried = ", ".join(
        f"{each.replace('_', ' ')}{f' ({n}x)' if n > 1 else ''}" for each, n in counted.items()
    )
    return (
        f"The Guardian has parked this agent: {trouble}. Tried: {tried or 'nothing'}.\n"
        "How is it to go on? Answer in words, which its next attempt reads; to end the task, "
        f"cancel it.{seen}"
    )[:_LONGEST]
