"""The registry of the tools that agents have; prompts and the MCP server are built from it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Tool:
    """A tool by its name on the wire, with one line that says when to use it."""

    name: str
    summary: str
    #: kinds of task whose agents are told of it; others may still call it
    kinds: tuple[str, ...] = ("work", "conflict", "result_review")


TOOLS: Final = (
    Tool("get_my_task", "Read your own task again: description, done definition, phase."),
    Tool("update_task_status", "Report your own task done or failed, with a summary."),
    Tool(
        "create_task",
        "Create a task in any phase for work you discovered. It starts from your saved work.",
        ("work",),
    ),
    Tool("get_tasks", "List this workflow's tasks, so that you do not create one twice."),
    Tool("get_agent_status", "List the agents that work beside you."),
    Tool("send_message", "Send a message to one agent."),
    Tool("broadcast_message", "Send a message to all other agents of this workflow."),
    Tool("get_messages", "Read the messages that wait for you."),
    Tool(
        "submit_result",
        "Submit the result of the whole workflow, with evidence; another agent judges it.",
        ("work",),
    ),
    Tool("submit_result_validation", "Judge the result you review.", ("result_review",)),
    Tool("get_workflow_results", "List the results submitted so far and what was said of them."),
    Tool("health_check", "Check that the server answers."),
)


def tools_for(kind: str) -> list[Tool]:
    """Return the tools that an agent with a task of this kind is told of."""
    return [tool for tool in TOOLS if kind in tool.kinds]
