"""The files and commands of docs/scripted-agents.md, run exactly as written."""

import os
import re
import subprocess
import sys
from pathlib import Path

from hephaestus_sdk.runtime import ports
from tests.e2e.stack import assert_nothing_left

TEXT = (Path(__file__).parents[2] / "docs" / "scripted-agents.md").read_text()
_PART = re.compile(
    r"^`(?P<file>[\w./]+)`:\n\n```ya?ml\n(?P<content>.*?)^```|^```console\n(?P<commands>.*?)^```",
    re.MULTILINE | re.DOTALL,
)


def program() -> str:
    """Return one shell script with all steps of the document in order."""
    parts = []
    for part in _PART.finditer(TEXT):
        if part["file"]:
            parts.append(f"cat > {part['file']} <<'END OF FILE'\n{part['content']}END OF FILE\n")
        else:
            parts.append(part["commands"])
    return "set -e\n" + "".join(parts)


def test_the_workflow_in_the_document_runs_as_it_is_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    api = ports.choose()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HEPHAESTUS_HOME": str(home),
        "HEPHAESTUS_MCP_PORT": str(api),
        "HEPHAESTUS_UI_PORT": str(ports.choose(taken=[api])),
    }
    done = subprocess.run(
        ["/bin/sh", "-c", program()],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    [printed] = re.findall(r"^```text\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert done.stdout.endswith(printed), said
    assert "Greet Ada" in done.stdout
    assert_nothing_left(home)
