"""The forge, until the first answer of the server is there."""

import time
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from hephaestus_sdk.tui.forge import forge

#: Seconds for which the fire is seen at least.
_LEAST: Final = 0.8


class Splash(ModalScreen[None]):
    """Burns until :meth:`ready`, or until a key is pressed.

    Args:
        url: where the answer is awaited from.
    """

    CSS: ClassVar[str] = """
    Splash { align: center middle; background: $background; }
    #forge { width: auto; height: 6; color: $warning; }
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._began = time.monotonic()
        self._frame = 0
        self._says = f"asking {url} …"
        self._ready = False
        self._left = False

    def compose(self) -> ComposeResult:
        """Lay out the forge."""
        yield Static(forge(0, self._says), id="forge", markup=False)

    def on_mount(self) -> None:
        """Light the fire."""
        self.set_interval(0.2, self._burn)

    def on_key(self, event: events.Key) -> None:
        """Leave at any key."""
        event.stop()
        self._leave()

    def ready(self) -> None:
        """End as soon as the fire was seen."""
        self._ready = True

    def say(self, text: str) -> None:
        """Show a line beside the fire."""
        self._says = text

    def _leave(self) -> None:
        if not self._left:  # the fire may burn once more meanwhile
            self._left = True
            self.dismiss()

    def _burn(self) -> None:
        if self._ready and time.monotonic() - self._began >= _LEAST:
            self._leave()
            return
        self._frame += 1
        picture = forge(self._frame, self._says, "", "any key: to the lists")
        self.query_one("#forge", Static).update(picture)
