"""The page of results of all workflows."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.contract.statuses import ResultStatus
from hephaestus_core.results.listing import newest_results
from hephaestus_core.results.verdicts import decide_result
from hephaestus_web.access.auth import caller
from hephaestus_web.pages import fields
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.wiring import database

#: Results on one page.
_PAGE = 25


@blueprint.get("/results")
def results() -> str:
    """Show results, newest first, each with its workflow."""
    status = fields.one_of("status", list(ResultStatus), "")
    items, following = newest_results(
        database(),
        status=ResultStatus(status) if status else None,
        limit=_PAGE,
        cursor=cursor_key(request.args.get("cursor")),
    )
    return render_template(
        "lists/results.html",
        results=items,
        statuses=list(ResultStatus),
        status=status,
        next_cursor=cursor_text(following),
    )


@blueprint.post("/results/<uuid:result_id>/judge")
def judge_result(result_id: UUID) -> ResponseReturnValue:
    """Accept or reject a result."""
    decide_result(
        database(),
        result_id,
        passed=fields.text("verdict") == "accept",
        feedback=fields.text("feedback"),
        decided_by=caller().name,
    )
    return redirect(url_for("pages.results") + f"#result-{result_id}", 303)
