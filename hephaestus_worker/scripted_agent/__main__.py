"""The entry point: read the prompt, acknowledge it, then play the script.

The engine runs this file with ``python -I -S``, so that Python searches for installed packages only
after the acknowledgement. For the same reason functions import their modules, and none uses
pathlib.
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
    _make_importable()
    from hephaestus_worker.scripted_agent.session import run

    return run(home, prompt, resume=resume)


def _acknowledged(path: str) -> str:
    import hashlib

    with open(path, "rb") as file:  # noqa: PTH123
        raw = file.read()
    sys.stdout.write(f"[ack] sha256={hashlib.sha256(raw).hexdigest()} bytes={len(raw)}\n")
    sys.stdout.flush()
    return raw.decode(errors="replace")


def _make_importable() -> None:
    import site

    here = os.path.abspath(__file__)  # noqa: PTH100
    sys.path.insert(0, here.rsplit(os.sep, 3)[0])
    if sys.flags.no_site:
        site.main()  # PyYAML is an installed package


if __name__ == "__main__":
    sys.exit(main())
