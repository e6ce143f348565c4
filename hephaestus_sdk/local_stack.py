"""The stack on this machine, as the SDK sees it."""

from dataclasses import dataclass
from pathlib import Path

from hephaestus_sdk.config import Settings
from hephaestus_sdk.connecting import Address, admin_token
from hephaestus_sdk.errors import (
    ConfigurationError,
    HephaestusError,
    HephaestusStartupError,
    ProcessSpawnError,
)


@dataclass(frozen=True)
class LocalStack:
    """A local stack that runs, and whether it is ours to stop."""

    home: Path
    address: Address
    ui_url: str
    log_dir: Path
    started_here: bool

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
        try:
            info = stack.start(settings, timeout=timeout, log_dir=log_dir)
        except ConfigurationError:
            raise
        except HephaestusError as error:
            kind = ProcessSpawnError if error.code == "start_failed" else HephaestusStartupError
            raise kind(error.message, details={"code": error.code}) from error
        return cls(
            home=settings.home,
            address=Address(info.api_url, admin_token(info.token_file)),
            ui_url=info.ui_url,
            log_dir=info.log_dir,
            started_here=info.started_here,
        )

    def stop(self, *, graceful: bool, timeout: float | None) -> None:
        """Stop it if it was started here; a stack that ran before is left running.

        Raises:
            HephaestusError: all is stopped but some agents, which could not be ended.
        """
        if not self.started_here:
            return
        from hephaestus_sdk.runtime import stack

        stack.stop(self.home, graceful=graceful, timeout=timeout)
