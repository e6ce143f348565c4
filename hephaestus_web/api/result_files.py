"""Files that agents have handed in with results."""

from typing import Final
from urllib.parse import quote
from uuid import UUID

from flask import Response

from hephaestus_core.results import files
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.wiring import database

#: Any bytes; never shown by a browser, since an agent has made them.
_BYTES: Final = "application/octet-stream"

blueprint = Blueprint(
    "result_files", __name__, url_prefix="/result-files", description="Files of results"
)


@blueprint.get("/<uuid:file_id>")
@blueprint.bytes_response(200, _BYTES)
def download_result_file(file_id: UUID) -> Response:
    """Download a file that was handed in with a result; `files` of the result has the ids."""
    file, _, content = files.read(database(), file_id)
    name = quote(file.path.rpartition("/")[2], safe="")
    answer = Response(content, content_type=_BYTES)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
