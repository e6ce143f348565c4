"""Scripts for agents in tests: texts that become tasks, and gates that hold them up."""

from pathlib import Path


def task(title: str, *steps: str) -> str:
    """Return the description of a task whose agent plays these steps, each one line of YAML."""
    return f"{title}\n\n````script\n" + "".join(f"- {step}\n" for step in steps) + "````\n"


def write(path: str, content: str) -> str:
    """The step that writes a file."""
    return f"write: {{path: {path}, content: '{content}'}}"


def wait_at(gate: Path) -> str:
    """The step that waits until the test opens the gate."""
    return f"run: 'until [ -e {gate} ]; do sleep 0.05; done'"


def create(title: str, *steps: str) -> str:
    """The step that creates a task of the second phase whose agent plays these steps."""
    inner = "".join(f"      - {step}\n" for step in steps)
    return (
        "create_task:\n    phase_id: 2\n    description: |\n"
        f"      {title}\n\n      ```script\n{inner}      ```"
    )
