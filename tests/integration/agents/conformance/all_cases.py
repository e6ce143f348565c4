"""Every program in the suite, in the order of the table's columns."""

from typing import Final

from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_configured import CONFIGURED
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.case_scripted import SCRIPTED
from tests.integration.agents.conformance.cases import Case

CASES: Final[tuple[Case, ...]] = (CLAUDE, CODEX_CLI, OPENCODE_CLI, DROID_EXEC, SCRIPTED, CONFIGURED)
