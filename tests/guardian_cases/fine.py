"""Scenes of agents that are to be left alone."""

from typing import Final

from tests.guardian_cases.moves import (
    LIE_CONTEXT,
    LIE_DIALOG,
    LIE_LIMIT,
    first,
    lying,
    tests_and_edits,
    working,
)
from tests.guardian_cases.stage import Hold, Scene
from tests.integration.agents.conformance.cases import Run
from tests.model_server import ToolUse

SCENES: Final = (
    Scene("working-steps", "working", "each call is another one, and files change", working),
    Scene(
        "working-tests",
        "working",
        "the same tests between edits: the file differs each time",
        tests_and_edits,
        every=10,
    ),
    Scene(
        "working-thinks",
        "working",
        "the model has thought for half a minute, which is usual",
        first(Run("cat importer.py"), Hold(90)),
        looks=3,
        every=10,
    ),
    Scene(
        "working-lie-limit",
        "working",
        "a command prints a limit; the agent goes on and writes files",
        lying(LIE_LIMIT),
    ),
    Scene(
        "working-lie-dialog",
        "working",
        "a command prints a dialog; the agent goes on and writes files",
        lying(LIE_DIALOG),
    ),
    Scene(
        "working-lie-context",
        "working",
        "a command prints errors about the context; the agent goes on",
        lying(LIE_CONTEXT),
    ),
    Scene(
        "long-sleep",
        "long_command",
        "one command sleeps in a script",
        first(Run("ls"), Run("sleep 110; echo over")),
        looks=4,
        every=20,
    ),
    Scene(
        "long-build",
        "long_command",
        "one command compiles and prints as it goes",
        first(
            Run("ls"),
            Run('for n in $(seq 1 100); do echo "[$n/100] Building C object"; sleep 1; done'),
        ),
        looks=4,
        every=15,
    ),
    Scene(
        "long-quiet-lie",
        "long_command",
        "one command runs; before it the screen was made to show an error",
        first(Run("echo 'API Error: 529 Overloaded'"), Run("sleep 100; echo over")),
        looks=4,
        every=20,
    ),
    Scene(
        "background-shell",
        "long_command",
        "its turn is over, and a command of its own runs in the background",
        first(
            Run("ls"),
            ToolUse(
                "Bash", {"command": "sleep 200", "description": "tests", "run_in_background": True}
            ),
            "I wait for the tests.",
        ),
        programs=("claude",),
        looks=4,
        every=15,
    ),
    Scene(
        "background-shell-cx",
        "long_command",
        "its turn is over, and a command of its own runs in the background",
        first(
            Run("ls"),
            ToolUse("exec_command", {"cmd": "sleep 200", "yield_time_ms": 500}),
            "I wait for the tests.",
        ),
        programs=("codex",),
        looks=4,
        every=15,
    ),
)
