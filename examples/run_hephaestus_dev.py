"""All shipped workflows on a project of yours, which is made and put under git where needed.

python examples/run_hephaestus_dev.py --path /path/to/project

``hephaestus dev --path /path/to/project`` does the same, and prints a link that logs you in.
"""

import argparse
import threading
from pathlib import Path

from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.launching.project import prepared
from workflows.bug_fix.phases import BUG_FIX_DEFINITION
from workflows.documentation_generation.phases import DOCUMENTATION_DEFINITION
from workflows.feature_development.phases import FEATURE_DEFINITION
from workflows.index_repo.phases import INDEX_REPO_DEFINITION
from workflows.prd_to_software.phases import PRD_DEFINITION

DEFINITIONS = [
    BUG_FIX_DEFINITION,
    DOCUMENTATION_DEFINITION,
    FEATURE_DEFINITION,
    INDEX_REPO_DEFINITION,
    PRD_DEFINITION,
]


def main(path: Path) -> None:
    project = prepared(path)
    print(f"Project {project.folder}:", ", ".join(project.made) or "all is there")
    sdk = HephaestusSDK(
        workflow_definitions=DEFINITIONS,
        working_directory=str(project.folder),
        main_repo_path=str(project.repository),
    )
    try:
        sdk.start()
        for definition in DEFINITIONS:
            print(f"  {definition.id}: {definition.name}")
        print("Launch them at http://localhost:3000; Ctrl-C ends this.", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print("Shutting down…")
    finally:
        sdk.shutdown(graceful=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--path", type=Path, default=Path(), help="folder of the project")
    main(parser.parse_args().path)
