"""The local stack from the SDK's point of view."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hephaestus_core.settings.installation import install_command
from hephaestus_sdk.api.connecting import Address, admin_token
from hephaestus_sdk.config import Settings
from hephaestus_sdk.errors import (
    ConfigurationError,
    HephaestusError,
    HephaestusStartupError,
    ProcessSpawnError,
)
from hephaestus_sdk.runtime import kept_agents, private_files
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.users import StackUser
from hephaestus_sdk.stack import process_end


@dataclass(frozen=True)
class LocalStack:
    """A local stack that runs, and that is stopped with its last user unless it is to stay."""

    home: Path
    address: Address
    ui_url: str
    log_dir: Path
    started_here: bool
    user: StackUser

    @classmethod
    def start(cls, settings: Settings, *, timeout: float, log_dir: Path | None) -> "LocalStack":
        """Start the stack of ``settings.home``, or join it when it runs already.

        It is left when this process ends, as by :meth:`stop`.

        Args:
            settings: of the stack, if it is started here.
            timeout: seconds until it has to be ready.
            log_dir: folder of its logs; default ``<home>/logs/session-<time>``.

        Raises:
            ConfigurationError: the settings cannot be used.
            HephaestusStartupError: it did not start, or its packages are not installed.
        """
        try:
            from hephaestus_sdk.runtime import stack  # needs the extra 'server'
        except ImportError as error:
            raise HephaestusStartupError(
                f"the local stack needs a library that is not installed ({error.name}); run: "
                f"{install_command('server')}, or name a stack elsewhere by url=… and token=…"
            ) from error
        user = StackUser.enter(settings.home, timeout=timeout)
        try:
            with _explained():
                info = stack.start(settings, timeout=timeout, log_dir=log_dir, stays=False)
            address = Address(info.api_url, admin_token(info.token_file))
        except BaseException:
            user.leave()
            raise
        started = cls(
            home=settings.home,
            address=address,
            ui_url=info.ui_url,
            log_dir=info.log_dir,
            started_here=info.started_here,
            user=user,
        )
        process_end.add(started.end_with_process)
        return started

    @property
    def stays(self) -> bool:
        """Whether it runs on without users, as `hephaestus up` or a program asked for."""
        return Home(self.home).stays_file.exists()

    def stay(self) -> None:
        """Let it run on without users."""
        Home(self.home).stays_file.touch(private_files.PRIVATE_FILE)

    def stop(
        self, *, graceful: bool, timeout: float | None, tell: Callable[[str], None] | None = None
    ) -> bool:
        """Be a user of it no more, and stop it if nobody else uses it and it is not to stay.

        Args:
            graceful: let the processes end what they are at.
            timeout: seconds after which they are killed; None: the time that each is given.
            tell: told, before it is stopped, what becomes of the agents.

        Returns:
            Whether it was stopped.

        Raises:
            HephaestusError: all is stopped but agents that could not be ended.
        """
        process_end.remove(self.end_with_process)
        try:
            # In this order: whoever makes it stay is a user while doing so.
            if not self.user.is_last() or self.stays:
                return False
            if tell is not None:
                tell(self._farewell())
            from hephaestus_sdk.runtime import stack

            stack.stop(self.home, graceful=graceful, timeout=timeout)
            return True
        finally:
            self.user.leave()

    def end_with_process(self) -> None:
        """Stop it as this process ends, and say on stderr what becomes of it."""
        try:
            stopped = self.stop(graceful=True, timeout=None, tell=process_end.say)
            if not stopped and self.started_here and not self.stays:
                process_end.say(self.left_to_others)
        except HephaestusError as error:
            process_end.say(error.message)
        except KeyboardInterrupt:
            process_end.say(f"not waiting; the stack in {self.home} goes on stopping by itself")

    @property
    def left_to_others(self) -> str:
        """Say why it runs on."""
        return (
            f"the stack in {self.home} is left running, as others use it; "
            "it stops when the last of them ends"
        )

    def _farewell(self) -> str:
        agents = len(kept_agents.found(self.home))
        if not agents:
            return f"stopping the stack in {self.home}"
        end = "1 agent ends, its" if agents == 1 else f"{agents} agents end, their"
        return (
            f"stopping the stack in {self.home}; {end} work is saved, and the next start there "
            "(start(), or `hephaestus up`) goes on with it"
        )


@contextmanager
def _explained() -> Iterator[None]:
    """Raise what the runtime raises as the SDK's own errors."""
    try:
        yield
    except ConfigurationError:
        raise
    except HephaestusError as error:
        kind = ProcessSpawnError if error.code == "start_failed" else HephaestusStartupError
        raise kind(error.message, details={"code": error.code}) from error
