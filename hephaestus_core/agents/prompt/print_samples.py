"""``python -m hephaestus_core.agents.prompt.print_samples`` prints the prompts of a definition.

It reads ``{"definition": …, "values": …}`` and prints a list of prompts, both as JSON.
"""

import json
import sys

from hephaestus_core.agents.prompt.samples import sample_prompts
from hephaestus_core.contract.definitions.definition import WorkflowDefinition


def main() -> None:
    """Print the prompts."""
    given = json.load(sys.stdin)
    definition = WorkflowDefinition.from_dict(given["definition"])
    prompts = sample_prompts(definition, given["values"])
    shown = [
        {"kind": each.kind, "phase": each.phase, "tokens": each.tokens, "text": each.text}
        for each in prompts
    ]
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    main()
