"""``hephaestus doctor``: is this machine ready to run a stack?"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from hephaestus_sdk.cli.options import home_and_config, settings_from

_COLOURS = {"ok": "green", "info": None, "warn": "yellow", "fail": "red"}


@click.command()
@home_and_config
@click.option(
    "--llm",
    "with_llm",
    is_flag=True,
    help="Have the running stack send one tiny call to each model that it asks itself.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def doctor(home: Path | None, config: Path | None, with_llm: bool, as_json: bool) -> None:
    """Check the requirements of a stack; exit 1 if a check fails."""
    settings = settings_from(home, config)
    from hephaestus_sdk.runtime.doctor import examine

    findings = examine(settings)
    if with_llm:
        from hephaestus_sdk.runtime.llm_trial import tried

        findings += tried(settings.home)
    failed = sum(finding.level == "fail" for finding in findings)
    if as_json:
        content = {"ok": not failed, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(content, indent=2))
    else:
        for finding in findings:
            level = click.style(f"{finding.level:<4}", fg=_COLOURS[finding.level])
            click.echo(f"{level}  {finding.name:<14} {finding.text}")
    if failed:
        sys.exit(1)
