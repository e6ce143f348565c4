"""How this machine would hold agents: ``python -m hephaestus_worker.terminal.containment [none]``.

Prints an object of JSON. With ``none`` as `agents.sandbox` is, no sandbox is tried.
"""

import json
import sys

from hephaestus_worker.terminal import enclosures


def main() -> None:
    form = enclosures.probed(sandboxed="none" not in sys.argv[1:])
    print(json.dumps({"containment": form.containment, "obstacle": form.obstacle}))  # noqa: T201


if __name__ == "__main__":
    main()
