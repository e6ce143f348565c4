"""YAML files of people, read within bounds.

A few lines with aliases can stand for more values than a machine has memory for.
"""

from typing import Any, Final

import yaml

#: Most characters of a document, with its aliases written out.
_MOST: Final = 8 * 2**20
#: Most characters of a number; to compute longer ones takes long.
_LONGEST_NUMBER: Final = 200
_NUMBERS: Final = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}


def read_yaml(text: str) -> Any:
    """Return the value of a YAML document; None for an empty one.

    Raises:
        yaml.YAMLError: the text is no YAML, or too large with its aliases written out.
    """
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > _MOST:
            raise yaml.YAMLError("its aliases repeat too much; write out what they stand for")
        return loader.construct_document(node)
    except RecursionError:
        raise yaml.YAMLError("lists and mappings are nested too deeply; flatten them") from None
    except ValueError as error:  # such as the 31st of February
        raise yaml.YAMLError(f"a value cannot be read: {error}") from error
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[int, int | None]) -> int:
    """Return the characters of a node with its aliases written out; each node is counted once."""
    if id(node) in known:
        found = known[id(node)]
        if found is None:
            raise yaml.YAMLError("an alias stands within what it stands for; remove it")
        return found
    known[id(node)] = None
    if isinstance(node, yaml.MappingNode):
        size = sum(_size(part, known) for pair in node.value for part in pair)
    elif isinstance(node, yaml.SequenceNode):
        size = sum(_size(part, known) for part in node.value)
    else:
        size = len(node.value)
        if node.tag in _NUMBERS and size > _LONGEST_NUMBER:
            raise yaml.YAMLError(f"a number has {size:,} characters; put it in quotes")
    known[id(node)] = size + 1
    return size + 1
