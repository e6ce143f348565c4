"""The names of the tools of agents; their registry is in ``hephaestus_core.agents.tools``."""

from typing import Final

AGENT_TOOLS: Final = frozenset(
    {
        "ask_person",
        "broadcast_message",
        "create_task",
        "find_memories",
        "get_agent_status",
        "get_merges",
        "get_messages",
        "get_my_task",
        "get_result_file",
        "get_task",
        "get_tasks",
        "get_workflow",
        "get_workflow_results",
        "give_task_review",
        "health_check",
        "rate_memory",
        "record_facts",
        "save_memory",
        "send_message",
        "submit_result",
        "submit_result_validation",
        "update_task_status",
    }
)
