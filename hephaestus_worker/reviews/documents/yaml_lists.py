"""Lists in YAML files of agents, read within bounds."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from hephaestus_core.settings.yaml_files import read_yaml

#: Bytes of a file that are read; more take too long.
MOST_BYTES: Final = 256 * 1024
#: Most entries of a list.
_MOST: Final = 500


class Unreadable(Exception):
    """A file is no YAML of the form that is needed; the message says why."""


def mapping(text: str) -> Mapping[str, Any]:
    """Return the names and values of a YAML file.

    Raises:
        Unreadable: it is no YAML, or holds something else.
    """
    try:
        data = read_yaml(text)
    except yaml.YAMLError as error:
        raise Unreadable(f"it cannot be read as YAML: {str(error)[:500]}") from None
    if not isinstance(data, Mapping):
        raise Unreadable("it holds no names with values")
    return data


def entries(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the list at a name; a missing one is empty.

    Raises:
        Unreadable: it is no list of names with values, or too long.
    """
    found = data.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise Unreadable(f"`{name}` is no list of names with values")
    if len(found) > _MOST:
        raise Unreadable(f"`{name}` has {len(found)} entries; at most {_MOST} are read")
    return found


def words(entry: Mapping[str, Any], name: str) -> list[str]:
    """Return the texts at a name of an entry: a list, or a single one."""
    found = entry.get(name) or []
    return [str(each) for each in (found if isinstance(found, list) else [found])]


def word(entry: Mapping[str, Any], name: str) -> str:
    """Return the text at a name of an entry, without blanks around it; empty for none."""
    found = entry.get(name)
    return "" if found is None else str(found).strip()
