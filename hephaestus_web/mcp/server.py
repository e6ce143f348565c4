"""The MCP server: the registry's tools on the official SDK, its refusals fit to act on."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ValidationError

from hephaestus_core.agents.tools import TOOLS
from hephaestus_core.config import nearest
from hephaestus_core.errors import HephaestusError, InvalidInput, NotFound
from hephaestus_web.errors import translated

_log = logging.getLogger(__name__)

ToolFunction = Callable[..., Any]

#: Tools that change nothing, so that clients need not ask before they call them. Reading messages
#: is not among them: it marks them as delivered.
_READ_ONLY: Final = {
    "get_my_task",
    "get_tasks",
    "get_agent_status",
    "get_workflow_results",
    "health_check",
}


class AgentServer(MCPServer[Any]):
    """An MCP server whose refusals carry a stable code, the field at fault and the remedy."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> Any:
        """Call a tool; a refusal is a result with ``isError``, never a protocol error."""
        try:
            self._refuse_unknown(name, arguments)
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            return _refusal(_reason(name, error.__cause__))
        except HephaestusError as error:
            return _refusal(error)

    def _refuse_unknown(self, name: str, arguments: Mapping[str, Any]) -> None:
        schema = self._tool_input_schema(name)
        if schema is None:
            names = [tool.name for tool in TOOLS]
            raise NotFound(f"Unknown tool '{name}'{nearest(name, names)}.")
        known = list(schema.get("properties", {}))
        for argument in arguments:
            if argument not in known:
                raise InvalidInput(
                    f"Unknown argument '{argument}'{nearest(argument, known)}; "
                    f"'{name}' takes {', '.join(known) or 'none'}.",
                    field=argument,
                )


def agent_server(tools: Mapping[str, ToolFunction]) -> AgentServer:
    """Return the server for agents.

    Args:
        tools: the function behind each name in the registry.
    """
    server = AgentServer(
        "hephaestus",
        title="Hephaestus",
        instructions=(
            "Tools for the agents of a Hephaestus workflow. Who you are follows from your token."
        ),
        # Nothing here changes while an agent lives, and each open subscription would hold a thread.
        subscriptions=False,
    )
    for tool in TOOLS:
        server.add_tool(
            tools[tool.name],
            name=tool.name,
            description=tool.summary,
            annotations=ToolAnnotations(
                read_only_hint=tool.name in _READ_ONLY, open_world_hint=False
            ),
        )
    return server


def _reason(tool: str, cause: BaseException | None) -> HephaestusError:
    if isinstance(cause, ValidationError):
        return _invalid(cause)
    refusal = translated(cause)
    if refusal is None:
        _log.error("tool %s failed", tool, exc_info=cause)
        return HephaestusError("Something went wrong on our side; it has been logged.")
    return refusal


def _invalid(error: ValidationError) -> InvalidInput:
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]), "detail": fault["msg"]}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    message = " ".join(f"'{fault['field']}': {fault['detail']}." for fault in faults)
    return InvalidInput(message, field=faults[0]["field"], details={"errors": faults})


def _refusal(error: HephaestusError) -> CallToolResult:
    body = {"code": error.code, "message": error.message, **error.details}
    if error.field:
        body["field"] = error.field
    return CallToolResult(
        content=[TextContent(type="text", text=json.dumps(body, ensure_ascii=False))],
        structured_content=body,
        is_error=True,
    )
