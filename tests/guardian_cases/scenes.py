"""All scenes that are recorded."""

from typing import Final

from tests.guardian_cases import dialogs, fine, trouble

SCENES: Final = (*fine.SCENES, *trouble.SCENES, *dialogs.SCENES)
