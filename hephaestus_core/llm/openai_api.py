"""OpenAI's Chat Completions API, which many other endpoints speak too."""

from typing import Final

import openai
from openai.types.chat import ChatCompletion

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.bounded_client import BoundedClient, time_limits
from hephaestus_core.llm.providers import (
    MISSHAPEN,
    answered_with,
    misshapen,
    unanswered,
    without_key,
)
from hephaestus_core.llm.rules import believable, believable_cost
from hephaestus_core.llm.views import Prompt, Sent, Usage
from hephaestus_core.settings.llm_settings import KNOWN_PROVIDERS, Route

_OPENAI: Final = KNOWN_PROVIDERS["openai"]["base_url"]


class OpenAiApi:
    """Such endpoints cache the beginnings of prompts by themselves."""

    def __init__(self, base_url: str, key: str) -> None:
        self._key = key
        self._client = openai.OpenAI(
            api_key=key,
            # Taken from variables otherwise, and sent to whatever endpoint this is.
            admin_api_key="",
            base_url=base_url,
            max_retries=0,
            http_client=BoundedClient(),
        )

    def send(self, route: Route, prompt: Prompt, *, timeout: float) -> Sent:
        """Send one try; see :class:`Provider`."""
        # The newer name is OpenAI's alone.
        name = "max_completion_tokens" if route.base_url == _OPENAI else "max_tokens"
        try:
            completion = self._client.chat.completions.create(
                model=route.model,
                messages=[
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.message},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "strict": True, "schema": prompt.schema},
                },
                extra_body={name: route.max_tokens},
                timeout=time_limits(timeout),
            )
            return _sent(completion, self._key)
        except openai.APIStatusError as error:
            said = without_key(str(error.message or "no reason given"), self._key)
            raise answered_with(error.status_code, error.response.headers, said) from None
        except openai.APIConnectionError as error:
            raise unanswered(error) from None
        except (openai.OpenAIError, *MISSHAPEN):
            raise misshapen() from None


def _sent(completion: ChatCompletion, key: str) -> Sent:
    choice = completion.choices[0]
    text = choice.message.content or ""
    usage = _usage(completion)
    if choice.message.refusal or choice.finish_reason == "content_filter":
        detail = without_key(choice.message.refusal or "", key)
        return Sent(text, usage, LlmOutcome.REFUSED, detail)
    if choice.finish_reason == "length":
        return Sent(text, usage, LlmOutcome.TRUNCATED)
    return Sent(text, usage)


def _usage(completion: ChatCompletion) -> Usage | None:
    found = completion.usage
    if found is None:
        return None
    cached = believable(getattr(found.prompt_tokens_details, "cached_tokens", None))
    return Usage(
        input_tokens=max(0, believable(found.prompt_tokens) - cached),
        output_tokens=believable(found.completion_tokens),
        cache_read_tokens=cached,
        # OpenRouter says it.
        cost=believable_cost((found.model_extra or {}).get("cost")),
    )
