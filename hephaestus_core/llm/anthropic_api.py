"""Anthropic's Messages API."""

from typing import Final

import anthropic
from anthropic.types import Message, TextBlockParam

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.bounded_client import BoundedClient, time_limits
from hephaestus_core.llm.providers import (
    MISSHAPEN,
    answered_with,
    misshapen,
    unanswered,
    without_key,
)
from hephaestus_core.llm.rules import believable
from hephaestus_core.llm.views import Prompt, Sent, Usage
from hephaestus_core.settings.llm_settings import Route

_CUT_OFF: Final = {"max_tokens", "model_context_window_exceeded"}


class AnthropicApi:
    """Calls with instructions and background marked for the provider's cache."""

    def __init__(self, base_url: str, key: str) -> None:
        self._key = key
        self._client = anthropic.Anthropic(
            api_key=key,
            base_url=base_url,
            max_retries=0,
            http_client=BoundedClient(),
            open_telemetry=False,
        )

    def send(self, route: Route, prompt: Prompt, *, timeout: float) -> Sent:
        """Send one try; see :class:`Provider`."""
        try:
            message = self._client.messages.create(
                model=route.model,
                max_tokens=route.max_tokens,
                system=[_kept(prompt.system)],
                messages=[{"role": "user", "content": _content(prompt)}],
                output_config={"format": {"type": "json_schema", "schema": prompt.schema}},
                timeout=time_limits(timeout),
            )
            return _sent(message, self._key)
        except anthropic.APIStatusError as error:
            said = without_key(str(error.api_message or "no reason given"), self._key)
            raise answered_with(error.status_code, error.response.headers, said) from None
        except anthropic.APIConnectionError as error:
            raise unanswered(error) from None
        except (anthropic.AnthropicError, *MISSHAPEN):
            raise misshapen() from None


def _content(prompt: Prompt) -> str | list[TextBlockParam]:
    if not prompt.background:
        return prompt.user
    return [_kept(prompt.background), {"type": "text", "text": prompt.user}]


def _kept(text: str) -> TextBlockParam:
    """Return a text up to which the provider's cache keeps the prompt."""
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}


def _sent(message: Message, key: str) -> Sent:
    text = "".join(block.text for block in message.content if block.type == "text")
    usage = None
    if message.usage is not None:
        usage = Usage(
            input_tokens=believable(message.usage.input_tokens),
            output_tokens=believable(message.usage.output_tokens),
            cache_read_tokens=believable(message.usage.cache_read_input_tokens),
            cache_write_tokens=believable(message.usage.cache_creation_input_tokens),
        )
    if message.stop_reason == "refusal":
        return Sent(text, usage, LlmOutcome.REFUSED, without_key(text, key))
    if message.stop_reason in _CUT_OFF:
        return Sent(text, usage, LlmOutcome.TRUNCATED)
    return Sent(text, usage)
