"""Celery's settings, each with its reason. Only ids travel; everything is short and idempotent."""

from hephaestus_core.bells import BROKER_KEY_PREFIX, CONTROL_QUEUE

#: A message that nobody can read is dropped; it would end the worker.
broker_transport = "hephaestus_worker.transport:Transport"
broker_connection_retry_on_startup = True
#: Redis may be down for any length of time; the worker waits for it.
broker_connection_max_retries = None
broker_transport_options = {
    # A bell is not put down in Redis until it is acknowledged, which took half of the worker's time
    # for it. One that a killed worker had taken is lost, and the next pass finds its rows.
    "ack_emulation": False,
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
