"""Moves of a scripted model, by turn."""

from typing import Final

from tests.guardian_cases.stage import Move, Script
from tests.integration.agents.conformance.cases import Run

STAYING: Final = ("claude", "codex", "opencode")
"""Programs that wait at a prompt once their turn is over."""
LIE_LIMIT: Final = (
    "printf '\\n  API Error: Request rejected (429) · rate limit\\n"
    "  You have hit your usage limit · resets 9pm\\n'"
)
LIE_DIALOG: Final = (
    "printf ' Do you want to proceed?\\n ❯ 1. Yes\\n   2. No\\n\\n Esc to cancel\\n'; echo step"
)
LIE_CONTEXT: Final = (
    "printf 'Prompt is too long\\nContext limit reached\\n■ the context window\\n'; echo n"
)
FAIL: Final = "grep -n codec missing.py"
#: Claude Code ends a request of its own after five minutes else.
PATIENT: Final = {"API_TIMEOUT_MS": "1800000"}
QUESTION: Final = {
    "questions": [
        {
            "question": "Which encoding should the importer assume?",
            "header": "Encoding",
            "multiSelect": False,
            "options": [
                {"label": "UTF-8", "description": "with or without a mark"},
                {"label": "Latin-1", "description": "as before"},
            ],
        }
    ]
}


def first(*moves: Move) -> Script:
    """Make these moves, and then the last one for ever."""
    return lambda turn: moves[min(turn, len(moves) - 1)]


def always(move: Move) -> Script:
    """Make the same move at each turn."""
    return first(move)


def lying(command: str) -> Script:
    """Print what looks like trouble, and write files all the same."""
    return lambda turn: Run(f"{command} {turn}; echo {turn} >> notes_{turn % 5}.txt")


def working(turn: int) -> Run:
    """Make headway: each call is another one, and files change."""
    steps = (
        "cat importer.py",
        f"printf 'def step_{turn}():\\n    return {turn}\\n' >> importer.py",
        f"grep -n step_{turn - 1} importer.py",
        f"mkdir -p parts; echo 'x = {turn}' > parts/part_{turn}.py; ls parts",
    )
    return Run(steps[turn % len(steps)])


def tests_and_edits(turn: int) -> Run:
    """Run the same tests between edits."""
    if turn % 2:
        return Run(f"echo '# try {turn}' >> importer.py; git diff --stat")
    return Run("python -m unittest -q test_importer 2>&1 | tail -3; git hash-object importer.py")


def circle(turn: int) -> Run:
    """Go in a circle of three calls."""
    return Run(("ls", "cat importer.py", "git status --short")[turn % 3])


def two_fail(turn: int) -> Run:
    """Fail with two commands in turn."""
    return Run(("cat missing.csv", "python missing.py")[turn % 2])
