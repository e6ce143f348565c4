"""Files of results are kept by the host that reads them, whole or not at all."""

from uuid import UUID

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.errors import InvalidInput, NotFound, StaleAttempt, Unavailable
from hephaestus_core.results import files
from hephaestus_core.results import service as results
from tests.engine import Engine


@pytest.fixture
def author(engine: Engine) -> AgentView:
    engine.start_workflow()
    engine.create()
    return engine.run(engine.claimed())


def kept(engine: Engine, author: AgentView, *contents: bytes) -> UUID:
    """Ask for files, and answer as a host does."""
    names = [f"out/{number}.txt" for number in range(len(contents))]
    request_id = files.ask(engine.db, author.id, names)
    for content in contents:
        wanted = files.wanted_on(engine.db, "a")
        assert wanted is not None
        assert wanted.worktree_id == author.id
        files.keep(engine.db, wanted.id, content)
    assert files.wanted_on(engine.db, "a") is None
    assert files.is_answered(engine.db, request_id)
    return request_id


def submit(engine: Engine, author: AgentView, request_id: UUID) -> results.ResultView:
    return results.submit(engine.db, author.id, explanation="it works", files_request=request_id)


def test_a_result_has_its_files_when_its_host_is_gone(engine: Engine, author: AgentView) -> None:
    result = submit(engine, author, kept(engine, author, b"one", b""))
    assert [(file.path, file.size) for file in result.files] == [("out/0.txt", 3), ("out/1.txt", 0)]

    again = submit(engine, author, kept(engine, author, b"one", b""))
    other = submit(engine, author, kept(engine, author, b"two", b""))
    assert again.id == result.id, "the same result with the same files is one"
    assert other.id != result.id
    engine.finish(author)

    shown, _ = results.page_of_results(engine.db, engine.workflow_id)
    assert [each.files for each in shown] == [result.files, other.files]
    assert files.read(engine.db, other.files[0].id)[2] == b"two"


def test_a_result_is_submitted_with_all_of_its_files_or_not_at_all(
    engine: Engine, author: AgentView
) -> None:
    request_id = files.ask(engine.db, author.id, ["a.txt", "b.txt"])
    first = files.wanted_on(engine.db, "a")
    assert first is not None
    files.keep(engine.db, first.id, b"a")
    with pytest.raises(Unavailable, match="submit the result again"):
        submit(engine, author, request_id)
    second = files.wanted_on(engine.db, "a")
    assert second is not None
    assert second.left == files.MOST_BYTES - 1, "the bound holds for all together"
    files.refuse(engine.db, second.id, "is a link.")
    with pytest.raises(InvalidInput, match=r"b\.txt: is a link"):
        submit(engine, author, request_id)
    assert results.page_of_results(engine.db, engine.workflow_id)[0] == []
    with pytest.raises(NotFound):
        files.read(engine.db, first.id)


@pytest.mark.parametrize("path", ["/etc/passwd", "~/x", "a/../../x", "", ".", "a\nb"])
def test_only_paths_inside_the_worktree_are_taken(
    engine: Engine, author: AgentView, path: str
) -> None:
    with pytest.raises(InvalidInput):
        files.ask(engine.db, author.id, [path])


def test_files_of_another_agent_and_of_an_ended_one_are_not_taken(
    engine: Engine, author: AgentView, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = kept(engine, author, b"mine")
    engine.create()
    other = engine.run(engine.claimed())
    with pytest.raises(Unavailable):
        submit(engine, other, request_id)
    monkeypatch.setattr(files, "MOST_OF_WORKFLOW", 3)
    with pytest.raises(InvalidInput, match="together"):
        submit(engine, author, request_id)
    files.ask(engine.db, author.id, ["late.txt"])
    engine.finish(author)
    assert files.wanted_on(engine.db, "a") is None
    with pytest.raises(StaleAttempt):
        files.ask(engine.db, author.id, ["later.txt"])
