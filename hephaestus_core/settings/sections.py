"""The sections of the YAML file."""

from typing import Final

#: Where a setting stands in the YAML file: ``section.key``; the section is for people, the key
#: for us. A key may also stand at the top level, as SDK parameters do.
SECTIONS: Final[dict[str, dict[str, str]]] = {
    "paths": {
        "home": "home",
        "database": "database_path",
        "project_root": "project_root",
        "working_directory": "working_directory",
        "worktree_base": "worktree_base",
        "phases_folder": "phases_folder",
    },
    "git": {
        "main_repo_path": "main_repo_path",
        "base_branch": "base_branch",
        "auto_commit": "auto_commit",
        "auto_merge": "auto_merge",
        "conflict_resolution": "conflict_resolution",
        "exclude": "commit_exclude",
        "filters": "git_filters",
        "submodules": "git_submodules",
    },
    "server": {
        "host": "mcp_host",
        "port": "mcp_port",
        "ui_port": "ui_port",
        "database_url": "database_url",
        "redis_url": "redis_url",
        "worker_connections": "worker_connections",
        "web_connections": "web_connections",
        "advertised_url": "advertised_url",
    },
    "agents": {
        "default_cli_tool": "default_cli_tool",
        "cli_model": "cli_model",
        "cli_fallback": "cli_fallback",
        "programs": "agent_programs",
        "max_concurrent_agents": "max_concurrent_agents",
        "environment": "agent_environment",
        "sandbox": "agent_sandbox",
        "readable": "agent_readable",
        "writable": "agent_writable",
        "setup_minutes": "setup_minutes",
        "resume_conversations": "resume_conversations",
        "question_hours": "question_hours",
    },
    "costs": {
        "prices": "agent_prices",
    },
    "limits": {
        "tasks_per_workflow": "tasks_per_workflow",
        "tasks_per_attempt": "tasks_per_attempt",
        "task_depth": "task_depth",
        "messages_per_minute": "messages_per_minute",
    },
    "diagnostic_agent": {
        "enabled": "diagnostic_agent_enabled",
        "min_stuck_time_seconds": "diagnostic_min_stuck_time_seconds",
        "cooldown_seconds": "diagnostic_cooldown_seconds",
        "max_tasks_per_run": "tasks_per_diagnosis",
        "max_runs_per_workflow": "diagnoses_per_workflow",
    },
    "hosts": {
        "name": "host_name",
        "slots": "host_slots",
        "labels": "host_labels",
        "heartbeat_seconds": "heartbeat_seconds",
        "lease_seconds": "lease_seconds",
        "reconcile_seconds": "reconcile_seconds",
        "least_free_bytes": "least_free_bytes",
        "least_free_inodes": "least_free_inodes",
        "orphan_minutes": "orphan_minutes",
    },
    "monitoring": {
        "interval_seconds": "monitoring_interval",
        "stuck_minutes": "stuck_minutes",
        "restarts_per_task": "restarts_per_task",
        "interventions_per_task": "interventions_per_task",
        "log_level": "log_level",
    },
    "task_deduplication": {
        "enabled": "task_deduplication_enabled",
        "similarity_threshold": "similarity_threshold",
        "related_threshold": "related_threshold",
    },
    "llm": {
        "default_provider": "llm_provider",
        "default_model": "llm_model",
        "providers": "llm_providers",
        "model_assignments": "llm_model_assignments",
        "tokens_per_hour": "llm_tokens_per_hour",
        "tokens_per_workflow": "llm_tokens_per_workflow",
        "task_enrichment_enabled": "task_enrichment_enabled",
    },
    "vectors": {
        "provider": "embedding_provider",
        "model": "embedding_model",
        "dimension": "embedding_dimension",
        "qdrant_url": "qdrant_url",
        "qdrant_api_key_env": "qdrant_api_key_env",
    },
    "notifications": {
        "channels": "notification_channels",
        "group_seconds": "notification_group_seconds",
    },
}
