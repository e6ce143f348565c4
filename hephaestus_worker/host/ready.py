"""The sign of life that the supervisor of a stack looks for."""

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings


def say_ready(settings: Settings, name: str) -> None:
    """Touch the file that tells the supervisor that this process is ready and alive."""
    file = HomeLayout(settings.home).ready_file(name)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
