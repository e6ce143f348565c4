"""Run the same work under several configurations, and compare what each took."""

from hephaestus_sdk import CompletionSummary, HephaestusSDK, Phase

TASK = "Make the test suite run in half the time"
#: Model per experiment; None is the agent program's own choice.
MODELS = ("opus", "sonnet", None)


def run(model: str | None) -> CompletionSummary:
    phases = [
        Phase(id=1, name="measure", description="Find what takes the time."),
        Phase(id=2, name="speed-up", description="Make it faster.", cli_model=model),
    ]
    sdk = HephaestusSDK(phases=phases)
    sdk.start()
    try:
        sdk.create_task(TASK)
        return sdk.wait_for_completion()
    finally:
        sdk.shutdown()


def main() -> None:
    for model in MODELS:
        summary = run(model)
        print(
            f"{model or 'default'}: {summary.tasks['total']} tasks in "
            f"{summary.duration_seconds:.0f} s, {len(summary.failures)} failures"
        )


if __name__ == "__main__":
    main()
