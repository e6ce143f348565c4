"""Conversion of values from files, variables and callers to the types of settings."""

from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import yaml

_WORDS: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text; put it in quotes",
    Path: "a path",
    dict: "names with values",
}


def from_text(text: str, annotation: Any) -> Any:
    """Return the value of a variable's text; None if it is empty.

    For a text or a path it is the text itself: YAML would read ``1.10`` and ``0123`` as numbers,
    cut it at ``#``, and read ``~`` as null.
    """
    if not text:
        return None
    kind = _kind(annotation)
    if kind in {str, Path, Literal}:
        return text
    try:
        # items of lists are texts
        return yaml.load(text, yaml.BaseLoader if kind is tuple else yaml.SafeLoader)  # noqa: S506
    except yaml.YAMLError:
        return text


def converted(value: Any, annotation: Any) -> Any:
    """Return ``value`` as the annotated type.

    Raises:
        ValueError: the message says what is expected.
    """
    options = get_args(annotation)
    if type(None) in options:
        if value is None:
            return None
        return converted(value, next(o for o in options if o is not type(None)))
    if get_origin(annotation) is Literal:
        if value not in options:
            raise ValueError(f"expected one of {', '.join(map(str, options))}")
        return value
    if get_origin(annotation) is tuple:
        items = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise ValueError("expected a list")
        return tuple(_converted_plain(item, get_args(annotation)[0]) for item in items)
    return _converted_plain(value, get_origin(annotation) or annotation)


def _converted_plain(value: Any, kind: Any) -> Any:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser().absolute()
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is str and isinstance(value, Path):
        return str(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"expected {_WORDS[kind]}")
    return value


def _kind(annotation: Any) -> Any:
    """Return the type of an annotation, without None."""
    options = [o for o in get_args(annotation) if o is not type(None)]
    if type(None) in get_args(annotation):
        return _kind(options[0])
    return get_origin(annotation) or annotation
