"""Celery's settings, each with its reason. Only ids travel; everything is short and idempotent."""

from hephaestus_core.bells import BROKER_KEY_PREFIX, CONTROL_QUEUE

#: A message that nobody can read is dropped; it would end the worker.
broker_transport = "hephaestus_worker.transport:Transport"
broker_connection_retry_on_startup = True
#: Redis may be down for any length of time; the worker waits for it.
broker_connection_max_retries = None
#: Seconds after which the message of a dead worker is delivered again. Small, since all Celery
#: tasks are short and a second delivery is harmless.
visibility_timeout = 600
broker_transport_options = {
    "visibility_timeout": visibility_timeout,
    # without timeouts, a publish on a half-open connection waits for ever
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": True,
    "global_keyprefix": BROKER_KEY_PREFIX,
}

accept_content = ["json"]
task_serializer = "json"
#: State lives in Postgres; a result backend would only be a second, weaker truth.
task_ignore_result = True
task_acks_late = True
task_default_queue = CONTROL_QUEUE
#: A worker takes only messages that it can begin.
worker_prefetch_multiplier = 1
#: They only hand bells over, which takes no time.
worker_cancel_long_running_tasks_on_connection_loss = False
worker_enable_soft_shutdown_on_idle = False
#: Arguments are not logged; our own log configuration stays.
worker_hijack_root_logger = False
worker_enable_remote_control = False
worker_send_task_events = False
enable_utc = True
timezone = "UTC"
