"""A process that stays up and hands each new issue on to agents, one line of stdin per issue."""

import sys

from hephaestus_sdk import HephaestusSDK, Phase, TaskCreationError

PROD_PHASES = [
    Phase(id=1, name="investigate", description="Find out what the issue is about."),
    Phase(id=2, name="correct", description="Correct it, with a test."),
]


def main() -> None:
    with HephaestusSDK(phases=PROD_PHASES) as sdk:
        for line in sys.stdin:
            try:
                task_id = sdk.create_task(f"Investigate issue {line.strip()}", phase_id=1)
            except TaskCreationError as error:
                print(f"not taken ({error.code}): {error}", flush=True)
            else:
                print(f"{task_id}: issue {line.strip()}", flush=True)


if __name__ == "__main__":
    main()
