"""Scripts for agents in tests: task descriptions, and gates that make agents wait."""

from pathlib import Path


def task(title: str, *steps: str) -> str:
    """Return a task description with a script of these steps, each one line of YAML."""
    return f"{title}\n\n````script\n" + "".join(f"- {step}\n" for step in steps) + "````\n"


def write(path: str, content: str) -> str:
    """Return the step that writes a file."""
    return f"write: {{path: {path}, content: '{content}'}}"


def wait_at(gate: Path) -> str:
    """Return the step that waits until the test opens the gate."""
    return f"run: 'until [ -e {gate} ]; do sleep 0.05; done'"


def create(title: str, *steps: str) -> str:
    """Return the step that creates a task of phase 2 with a script of these steps."""
    inner = "".join(f"      - {step}\n" for step in steps)
    return (
        "create_task:\n    phase_id: 2\n    description: |\n"
        f"      {title}\n\n      ```script\n{inner}      ```"
    )
