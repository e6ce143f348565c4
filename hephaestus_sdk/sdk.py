"""The life of ``HephaestusSDK``; its calls are in ``calls.py``."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_sdk.api.connecting import Address, given_address
from hephaestus_sdk.calls import Calls
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.config import Config, resolve_settings
from hephaestus_sdk.definitions.registration import Registered, registered
from hephaestus_sdk.errors import HephaestusStartupError, Unavailable
from hephaestus_sdk.launching.launches import Launches, placed
from hephaestus_sdk.stack import process_end
from hephaestus_sdk.stack.foreign_stack import GivenSettings, given_by_name, settings_of_running
from hephaestus_sdk.stack.local_stack import LocalStack
from hephaestus_sdk.tui import require_library, required_app


class HephaestusSDK(Calls):
    """One stack, local or remote, and this program's workflows on it.

    With ``url`` (or ``HEPHAESTUS_URL``) the SDK talks to that stack; without, :meth:`start` starts
    the local one, or joins it when it already runs. Use it in ``with``, or call :meth:`start` and
    :meth:`shutdown`.

    A local stack ends with the last program that uses it, however that one ends: its agents are
    ended, their work is saved, and goes on at the next start in the same home. It runs on if
    ``hephaestus up`` started it, or was called meanwhile, or a program had ``keep_running=True``.

    Args:
        phases_dir: folder of ``NN_name.yaml`` phases (single-workflow mode).
        phases: the same as objects.
        workflow_config: of the single workflow.
        workflow_definitions: any number of definitions to register (multi-workflow mode); with
            ``[]`` the setting ``phases_folder`` does not count.
        config: ``Settings``, names with values, or the path of a YAML file.
        auto_start: call :meth:`start` at once.
        keep_running: leave the local stack and its agents running when this program ends.
        url: where the API answers.
        token: for the API at ``url``; default ``HEPHAESTUS_TOKEN``.
        settings: any setting of ``hephaestus_config.yaml``; these win over all else. A stack that
            runs already keeps its own: there ``default_cli_tool`` and ``cli_model`` are written
            into the phases that name none, and what has no effect is named in a ``UserWarning``.

    Raises:
        ConfigurationError: settings or a combination of arguments that cannot be used.
        InvalidDefinitionError: phases or definitions that cannot be used.
    """

    def __init__(
        self,
        phases_dir: str | Path | None = None,
        phases: Sequence[Phase] | None = None,
        workflow_config: WorkflowConfig | Mapping[str, Any] | None = None,
        workflow_definitions: Sequence[WorkflowDefinition] | None = None,
        config: Config | None = None,
        *,
        auto_start: bool = False,
        keep_running: bool = False,
        url: str | None = None,
        token: str | None = None,
        **settings: Any,
    ) -> None:
        given = resolve_settings(config, settings)
        self._address = given_address(url, token)
        local = self._address is None
        explicit = given_by_name(settings, config)
        if phases_dir is None and phases is None and workflow_definitions is None:
            phases_dir = given.phases_folder
        super().__init__(
            placed(given, local=local),
            registered(phases_dir, phases, workflow_config, workflow_definitions),
            Launches(local=local, explicit=explicit),
        )
        self._given = GivenSettings(given, explicit)
        self._written = self._registered
        self._stack: LocalStack | None = None
        self.stopped_its_stack = False
        """Whether the last :meth:`shutdown` stopped the local stack."""
        self._keep_running = keep_running
        if auto_start:
            self.start()

    # Life

    def start(
        self,
        timeout: float = 60,
        enable_tui: bool = False,
        log_dir: str | Path | None = None,
    ) -> bool:
        """Start or join the stack, register the definitions, and return True.

        In single-workflow mode the workflow is started too. A second call does nothing.

        Args:
            timeout: seconds until the API has to be ready.
            enable_tui: show the terminal interface; the call returns when the user leaves it.
            log_dir: folder of the local stack's logs; default
                ``<home>/logs/session-<time>``.

        Raises:
            HephaestusStartupError: the stack did not come up; nothing is left half-started.
        """
        if enable_tui:
            require_library()
        if self._client is None:
            try:
                self._start(timeout, None if log_dir is None else Path(log_dir).absolute())
            except BaseException:
                self.shutdown(graceful=False)
                raise
        if enable_tui:
            self._run_tui()
        return True

    def shutdown(self, graceful: bool = True, timeout: float | None = None) -> None:
        """Disconnect, and stop the local stack if nobody else uses it and it is not to stay.

        Args:
            graceful: let the processes end what they are at.
            timeout: seconds after which they are killed; default: the time that each of them is
                given, which saving the work of many agents may take minutes of.

        Agents are stopped with the stack; their work is saved, and goes on at its next start. What
        there was no time to save stays in its worktree and is saved at the next start. A stack that
        this SDK started and others use is left running, with a ``UserWarning``; the last of them
        stops it.

        Raises:
            HephaestusError: the stack is stopped, but an agent could not be ended; says which.
        """
        self._shutdown(graceful=graceful, timeout=timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shutdown(tell=None if error is None else process_end.say)

    def _shutdown(
        self,
        *,
        graceful: bool = True,
        timeout: float | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        stack, self._stack = self._stack, None
        self._disconnect()
        self.stopped_its_stack = False
        if stack is None:
            return
        self.stopped_its_stack = stack.stop(graceful=graceful, timeout=timeout, tell=tell)
        if stack.started_here and not self.stopped_its_stack and not stack.stays:
            warnings.warn(stack.left_to_others, stacklevel=3)

    def _start(self, timeout: float, log_dir: Path | None) -> None:
        deadline = time.monotonic() + timeout
        address = self._address or self._start_stack(timeout, log_dir)
        self._registered = self._fitting_the_stack()
        client = HephaestusClient(address.url, address.token)
        try:
            client.wait_until_ready(patience=max(deadline - time.monotonic(), 1.0))
        except Unavailable as error:
            client.close()
            raise HephaestusStartupError(error.message) from error
        self._connect(client)
        for definition in self._registered.definitions:
            client.register(definition)
        if self._registered.single is not None:
            self.workflow_id = self.start_workflow(self._registered.single.id)
        if self._keep_running and self._stack is not None:
            self._stack.stay()

    def _start_stack(self, timeout: float, log_dir: Path | None) -> Address:
        self._stack = LocalStack.start(self.settings, timeout=timeout, log_dir=log_dir)
        return self._stack.address

    def _fitting_the_stack(self) -> Registered:
        """Return the definitions as this stack has to get them, and warn of what it does not take.

        The settings of a stack that was started here are those of this SDK.
        """
        if self._stack is not None and self._stack.started_here:
            return self._written
        running = None if self._stack is None else settings_of_running(self._stack.home)
        phases = bool(self._written.definitions)
        self._given.warn_of_lost(running, phases=phases, stacklevel=5)
        return self._given.in_phases(self._written)

    def _run_tui(self) -> None:
        required_app()(self.client, self._stack.home if self._stack else None)
