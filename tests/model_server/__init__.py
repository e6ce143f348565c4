"""A model server of the test suite's own: the Anthropic Messages API with scripted answers."""

from tests.model_server.answers import Answer, Fault, Reply, Text, ToolUse, turns
from tests.model_server.requests import Request
from tests.model_server.server import ModelServer

__all__ = ["Answer", "Fault", "ModelServer", "Reply", "Request", "Text", "ToolUse", "turns"]
