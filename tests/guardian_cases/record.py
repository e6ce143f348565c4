"""Record cases with the real programs: ``python -m tests.guardian_cases.record FOLDER [NAME…]``.

Each NAME is a part of ``<program>-<scene>``. What is recorded already is left as it is.
"""

import json
import shutil
import sys
import tempfile
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hephaestus_worker.terminal.tmux import Tmux
from tests.guardian_cases.scenes import SCENES
from tests.guardian_cases.stage import Scene, Stage
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import ModelCase

AT_ONCE = 5
PROGRAMS = {case.name: case for case in (CLAUDE, CODEX_CLI, OPENCODE_CLI, DROID_EXEC)}


def main(arguments: list[str]) -> int:
    target, names = Path(arguments[0]), arguments[1:]
    tmux = Tmux(f"hephaestus-cases-{uuid.uuid4().hex[:12]}")
    wanted = [
        (scene, PROGRAMS[program])
        for scene in SCENES
        for program in scene.programs
        if not names or any(name in f"{program}-{scene.name}" for name in names)
    ]
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda pair: _record(*pair, target, tmux), wanted))
    finally:
        tmux.kill_server()
    return 0


def _record(scene: Scene, case: ModelCase, target: Path, tmux: Tmux) -> None:
    name = f"{case.name}-{scene.name}"
    folder = target / name
    if folder.exists():
        return
    with tempfile.TemporaryDirectory(prefix="case-", ignore_cleanup_errors=True) as place:
        try:
            looks = Stage(scene, case, Path(place), tmux).play()
        except Exception:
            print(f"{name}: not recorded\n{traceback.format_exc()}", file=sys.stderr)
            return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, look in enumerate(looks, start=1):
        (folder / f"{number}.txt").write_text(look["screen"])
        look["screen"] = f"{number}.txt"
    entry = {
        "program": case.name,
        "label": scene.label,
        "recorded": True,
        "task": scene.prompt,
        "phase": "2 fix",
        "looks": looks,
        "why": scene.why,
    }
    (folder / "case.json").write_text(json.dumps(entry, indent=1) + "\n")
    print(name, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
