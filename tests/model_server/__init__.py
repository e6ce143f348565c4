"""A model server of the test suite's own: scripted answers, in the APIs that programs speak."""

from tests.model_server.answers import Answer, Fault, Reply, Text, ToolUse
from tests.model_server.requests import Request
from tests.model_server.scripts import turns
from tests.model_server.server import ModelServer

__all__ = ["Answer", "Fault", "ModelServer", "Reply", "Request", "Text", "ToolUse", "turns"]
