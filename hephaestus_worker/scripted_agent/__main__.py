"""The entry point: read the prompt, acknowledge it, then play the script.

The engine runs this file with ``python -I -S``: Python does not search for installed packages,
since the settings name their folder. To acknowledge early, functions import their modules, and none
uses pathlib.
"""

import os
import sys

_USAGE = "usage: scripted_agent --home FOLDER [--resume]\n"


def main() -> int:
    arguments = sys.argv[1:]
    if len(arguments) not in (2, 3) or arguments[0] != "--home" or arguments[2:] > ["--resume"]:
        sys.stderr.write(_USAGE)
        return 2
    home, resume = arguments[1], len(arguments) == 3  # noqa: PLR2004
    prompt = _acknowledged(os.path.join(home, "resume.md" if resume else "prompt.md"))  # noqa: PTH118
    settings = _settings(home)
    sys.path[:0] = [os.path.abspath(__file__).rsplit(os.sep, 3)[0]]  # noqa: PTH100
    sys.path.append(settings["packages"])
    from hephaestus_worker.scripted_agent.session import run

    return run(home, settings, prompt, resume=resume)


def _acknowledged(path: str) -> str:
    import hashlib

    with open(path, "rb") as file:  # noqa: PTH123
        raw = file.read()
    sys.stdout.write(f"[ack] sha256={hashlib.sha256(raw).hexdigest()} bytes={len(raw)}\n")
    sys.stdout.flush()
    return raw.decode(errors="replace")


def _settings(home: str) -> "dict[str, str]":
    import json

    with open(os.path.join(home, "scripted.json")) as file:  # noqa: PTH118, PTH123
        return dict(json.load(file))


if __name__ == "__main__":
    sys.exit(main())
