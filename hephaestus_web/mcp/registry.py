"""The function behind each tool that the core's registry names; a test holds the two together."""

from collections.abc import Mapping
from typing import Final

from hephaestus_web.mcp.server import ToolFunction
from hephaestus_web.mcp.tools import agents, results, tasks

FUNCTIONS: Final[Mapping[str, ToolFunction]] = {
    function.__name__: function
    for function in (
        tasks.get_my_task,
        tasks.get_tasks,
        tasks.create_task,
        tasks.update_task_status,
        agents.get_agent_status,
        agents.send_message,
        agents.broadcast_message,
        agents.get_messages,
        agents.health_check,
        results.submit_result,
        results.submit_result_validation,
        results.get_workflow_results,
    )
}
