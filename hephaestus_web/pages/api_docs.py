"""The API reference as a page."""

import re
from itertools import pairwise

from flask import current_app, render_template
from markdown_it import MarkdownIt
from markupsafe import Markup

from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.reference.api_reference import reference
from hephaestus_web.reference.openapi import openapi_document


@blueprint.get("/api/docs")
def api_docs() -> str:
    """Show every route of the API, what it takes and what it answers."""
    return render_template("api_docs.html", text=_html(reference(openapi_document(current_app))))


def _html(text: str) -> Markup:
    """Return our own Markdown as HTML, its headings with the anchors that links go to."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", _slug(inline.content))
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - html is off


def _slug(heading: str) -> str:
    """Return the anchor of a heading as code forges make it, so that both have the same links."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
