"""Whatever has a time is done once: ``python -m tests.integration.core.whole_life url``.

It is run as a process whose clock is wrong. It prints its own time at the end.
"""

import sys
import time

from hephaestus_core import tables  # noqa: F401 - makes all tables known
from hephaestus_core.access import login_codes, tokens
from hephaestus_core.access.service import Person, ensure_token, person_of_hash
from hephaestus_core.agents import hosting, leases
from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as definitions
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.messages import service as messages
from hephaestus_core.tokens import token_hash
from tests.engine import Engine


def main() -> None:
    db = Database(sys.argv[1], connections=4)
    engine = Engine(db).with_host("a", slots=4)
    engine.start_workflow()
    _work(engine)
    _fail(engine)
    _enter(db)
    lifecycle.stop_workflow(db, engine.workflow_id)
    definitions.delete_definition(db, "wf")
    leases.renew(db, "a", lease_seconds=60)
    print(time.time())


def _work(engine: Engine) -> None:
    engine.create("the work")
    agent = engine.run(engine.claimed())
    sent = messages.send(engine.db, agent.id, "a word", sender="a person")
    messages.put_off(engine.db, sent.id, agent.id, pasted=True)
    engine.finish(agent)
    hosting.record_released(engine.db, agent.id)


def _fail(engine: Engine) -> None:
    engine.create("what fails")
    broken = Trouble(FailureClass.TRANSIENT, "broke")
    engine.end(engine.run(engine.claimed()), failure=broken)


def _enter(db: Database) -> None:
    ensure_token(db, name="admin", role="admin", token="the admin's")
    admin = person_of_hash(db, token_hash("the admin's"))
    order = tokens.TokenOrder(name="brief", role="viewer", expires_in=60)
    _, secret = tokens.create_token(db, order, creator=Person("admin", "admin"))
    person_of_hash(db, token_hash(secret))  # good by the database's clock
    tokens.revoke_token(db, "brief")
    login_codes.redeem(db, login_codes.create_login_code(db, admin).code)


if __name__ == "__main__":
    main()
