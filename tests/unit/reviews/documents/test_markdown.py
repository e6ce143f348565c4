"""Markdown, taken apart as readers of a page see it."""

from hephaestus_worker.reviews.documents.console import script
from hephaestus_worker.reviews.documents.markdown import Part, read

PAGE = """\
# The `store`

Notes live in `store.py` and ``a ` b``; see [the list](list.md#notes "all") and ![it](a(1).png).

Under
-----
- [ref]: no definition here
[ref]: <other.md>
<a id="here"></a>

~~~ console
$ make
built
~~~

````text
```console
false
```
`no_span` [no](link.md)
````
## Empty
## Empty
"""


def test_a_page_is_taken_apart() -> None:
    page = read(PAGE)
    assert [(each.line, each.text) for each in page.headings] == [
        (1, "The `store`"),
        (5, "Under"),
        (22, "Empty"),
        (23, "Empty"),
    ]
    assert page.with_text == ["The `store`", "Under"]
    assert [each.text for each in page.spans] == ["store", "store.py", "a ` b"]
    assert page.spans[1] == Part(3, "store.py")
    assert [each.text for each in page.links] == ["list.md#notes", "a(1", "other.md"]
    assert [(each.line, each.info) for each in page.blocks] == [(12, "console"), (17, "text")]
    assert page.blocks[1].text.startswith("```console\nfalse")
    assert page.slugs == {"here", "the-store", "under", "empty", "empty-1"}


def test_a_block_that_nothing_closes_ends_with_the_page() -> None:
    page = read("```console\nmake\n")
    assert [each.text for each in page.blocks] == ["make"]
    assert read("```not a `block`\n").blocks == []


def test_commands_are_all_lines_or_those_behind_a_prompt() -> None:
    page = read("```console\nmake\ncd src\n```\n```console\n$ a \\\n> b\nsaid\n> said\n```\n")
    assert script("README.md", page) == (
        "set -e\necho '--- README.md:2'\nmake\ncd src\necho '--- README.md:6'\na \\\nb"
    )
    assert script("it's.md", read("```sh\nfalse\n```")) == "set -e"
