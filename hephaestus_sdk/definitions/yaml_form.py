"""A workflow definition as a YAML file that people edit: without the fields that it leaves out."""

from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

import yaml

from hephaestus_core.contract.definitions.definition import WorkflowDefinition


def yaml_form(definition: WorkflowDefinition) -> str:
    """Return the YAML text of a definition; ``load_definition`` reads it as an equal one."""
    return yaml.dump(
        _plain(definition), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as lines."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - its name in the base class
        """Write out what stands in two places."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not is_dataclass(value):
        return value
    given = ((f.name, getattr(value, f.name)) for f in fields(value) if _is_given(value, f))
    return {name: _plain(item) for name, item in given}


def _is_given(part: Any, f: Field[Any]) -> bool:
    default = f.default if f.default_factory is MISSING else f.default_factory()
    return bool(getattr(part, f.name) != default)
