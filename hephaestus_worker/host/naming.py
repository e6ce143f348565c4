"""Remembers this host's name, by which its agents are found again."""

from dataclasses import replace

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.host_names import host_name, remembered
from hephaestus_worker.terminal.private_files import private_folder, write_private


def with_remembered_name(settings: Settings) -> Settings:
    """Return the settings with this host's name, and write the name to its home.

    Raises:
        ConfigurationError: the name in the home cannot be read.
    """
    name = host_name(settings)
    if remembered(settings.home) != name:
        file = HomeLayout(settings.home).host_name_file
        private_folder(file.parent)
        write_private(file, f"{name}\n")
    return replace(settings, host_name=name)
