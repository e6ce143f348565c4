"""What an agent is told of the set-up of its worktree."""

from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.setups import SetUp

#: Characters of a failed set-up's output in a prompt: its end, where errors stand.
_SHOWN = 1500
_IN_SANDBOX = (
    " It ran in a sandbox, as you do: of the home of this host's user you see installed tools, but"
    " no logins of package registries and no caches. If it failed by that, say so when you report:"
    " a person has to name the file in `agents.readable` of the host's settings."
)


def note(setup: SetUp | None, marks: Marks) -> str:
    """Return the paragraph for the prompt; empty if no set-up ran."""
    if setup is None:
        return ""
    if setup.copied_from:
        return (
            f"\n# Set-up\n\nThe result of `{one_line(setup.command)}` was copied into your "
            f"worktree in {setup.seconds:.0f} s; it is that of {setup.copied_from}.\n"
        )
    ran = f"Set-up ran `{one_line(setup.command)}` in your worktree:"
    if setup.status == "succeeded":
        return f"\n# Set-up\n\n{ran} succeeded in {setup.seconds:.0f} s.\n"
    how = (
        f"ended at its time limit after {setup.seconds:.0f} s"
        if setup.exit_status is None
        else f"failed with exit status {setup.exit_status} after {setup.seconds:.0f} s"
    )
    missing = _IN_SANDBOX if setup.contained else ""
    return (
        f"\n# Set-up\n\n{ran} {how}. Mend that first: tests may not run without it.{missing}\n\n"
        f"{marks.explanation}\n{marks.quoted('the end of its output', setup.output[-_SHOWN:])}\n"
    )


def one_line(command: str) -> str:
    """Return the command as it can stand within a sentence, cut if it is long."""
    words = " ".join(command.replace("`", "'").split())
    return words if len(words) <= 200 else f"{words[:200]} …"  # noqa: PLR2004 - a glance
