"""The stack on this machine, as the SDK sees it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hephaestus_sdk.api.connecting import Address, admin_token
from hephaestus_sdk.config import Settings
from hephaestus_sdk.errors import (
    ConfigurationError,
    HephaestusError,
    HephaestusStartupError,
    ProcessSpawnError,
)
from hephaestus_sdk.stack.users import StackUser


@dataclass(frozen=True)
class LocalStack:
    """A local stack that runs, and whether it is ours to stop."""

    home: Path
    address: Address
    ui_url: str
    log_dir: Path
    started_here: bool
    user: StackUser

    @classmethod
    def start(cls, settings: Settings, *, timeout: float, log_dir: Path | None) -> "LocalStack":
        """Start the stack of ``settings.home``, or join it when it runs already.

        Args:
            settings: of the stack, if it is started here.
            timeout: seconds until it has to be ready.
            log_dir: folder of its logs; default ``<home>/logs/session-<time>``.

        Raises:
            ConfigurationError: the settings cannot be used.
            HephaestusStartupError: it did not come up, or its libraries are not installed.
        """
        try:
            from hephaestus_sdk.runtime import stack  # needs the extra 'server'
        except ImportError as error:
            raise HephaestusStartupError(
                f"the local stack needs a library that is not installed ({error.name}); run: "
                "pip install 'hephaestus[server]', or name a stack elsewhere by url=… and token=…"
            ) from error
        user = StackUser.enter(settings.home, timeout=timeout)
        try:
            with _explained():
                info = stack.start(settings, timeout=timeout, log_dir=log_dir)
            address = Address(info.api_url, admin_token(info.token_file))
        except BaseException:
            user.leave()
            raise
        return cls(
            home=settings.home,
            address=address,
            ui_url=info.ui_url,
            log_dir=info.log_dir,
            started_here=info.started_here,
            user=user,
        )

    def stop(self, *, graceful: bool, timeout: float | None) -> bool:
        """Be a user of it no more, and stop it if it was started here and nobody else uses it.

        Returns:
            Whether it was stopped.

        Raises:
            HephaestusError: all is stopped but some agents, which could not be ended.
        """
        try:
            if not self.started_here or not self.user.is_last():
                return False
            from hephaestus_sdk.runtime import stack

            stack.stop(self.home, graceful=graceful, timeout=timeout)
            return True
        finally:
            self.user.leave()


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
