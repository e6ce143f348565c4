"""Results and their files, as agents hand them in and read them over MCP."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from hephaestus_core.lifecycle.service import stop_workflow
from hephaestus_core.results import files
from tests.engine import PHASES, Engine
from tests.integration.mcp.callers import Person, answer, refusal, start_agent
from tests.waiting import wait_until
from tests.web_server import WebServer


def test_results_of_another_workflow_are_not_there(web: WebServer, engine: Engine) -> None:
    other = Engine(web.database)
    other.start_workflow(has_result=True)
    author = start_agent(other)
    made = answer(web, author, "submit_result", explanation="theirs")
    told = refusal(web, start_agent(engine), "get_workflow_results", result_id=made["id"])
    assert (told["code"], told["field"]) == ("not_found", "result_id")
    stop_workflow(other.db, other.workflow_id)
    other.end(author.view)


def test_a_result_is_judged_by_its_reviewer_alone(web: WebServer, engine: Engine) -> None:
    author = start_agent(engine)
    submitted = answer(
        web, author, "submit_result", explanation="Done", markdown_file_path="docs/result.md"
    )
    assert submitted["evidence"] == ["The result is in the file docs/result.md"]
    own = refusal(web, author, "submit_result_validation", validation_passed=True, feedback="ok")
    assert own["code"] == "forbidden"
    escape = refusal(
        web, author, "submit_result", explanation="Done", markdown_file_path="../../etc/passwd"
    )
    assert (escape["code"], escape["field"]) == ("invalid_input", "markdown_file_path")
    assert len(answer(web, author, "get_workflow_results")["results"]) == 1


def test_an_agent_is_told_that_its_result_waits_for_the_proof_of_its_report(
    web: WebServer, engine: Engine
) -> None:
    other = Engine(web.database)
    phases = [{**PHASES[0], "leads_to": ["result"]}]
    other.start_workflow(phases=phases, result_checks=[{"check_type": "red_green"}])
    author = start_agent(other)
    made = answer(web, author, "submit_result", explanation="It is mended")
    assert "with `proof`" in made["next_step"]
    assert "red_green" in made["next_step"]
    asked = answer(web, author, "update_task_status", status="done", summary="Mended")
    gap = "- The check red_green of your result needs `command` in `proof`."
    assert gap in asked["next_step"]
    given = {"explanation": "It is mended", "proof": {"command": "make red"}}
    again = answer(web, author, "submit_result", **given)
    assert again["id"] == made["id"]
    assert again["next_step"].startswith("It is checked and judged; ")
    stop_workflow(other.db, other.workflow_id)
    other.end(author.view)


def test_agents_whose_host_reads_no_file_keep_no_thread_of_others(
    web: WebServer, engine: Engine
) -> None:
    other = start_agent(engine)
    # Tools that do not wait share 40 threads.
    authors = [start_agent(engine) for _ in range(45)]
    given = {"explanation": "see it", "files": ["a.md"]}
    with ThreadPoolExecutor(len(authors)) as pool, web.client() as client:
        told = [pool.submit(refusal, web, each, "submit_result", **given) for each in authors]
        wait_until(
            lambda: "hephaestus_clients_waiting 45.0" in client.get("/metrics").text,
            what="all of them wait",
        )
        assert answer(web, other, "get_my_task")["id"] == str(other.view.task_id)
        assert not any(each.done() for each in told)
        for _ in authors:
            wanted = files.wanted_on(engine.db, "a")
            assert wanted is not None
            files.refuse(engine.db, wanted.id, "is missing.")
        assert {each.result()["field"] for each in told} == {"files"}


def test_files_of_a_result_are_read_by_agents_and_downloaded_by_people(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    author, reader = start_agent(engine), start_agent(engine)
    page = b"<script>alert(1)</script>" * 2000

    def as_host() -> None:
        wanted = wait_until(lambda: files.wanted_on(engine.db, "a"), what="the request")
        files.keep(engine.db, wanted.id, page)

    with ThreadPoolExecutor(1) as pool:
        host = pool.submit(as_host)
        given = {"explanation": "see it", "files": ["out/my page.html"]}
        made = answer(web, author, "submit_result", **given)
        host.result()
    [file] = made["files"]
    assert (file["path"], file["size"]) == ("out/my page.html", len(page))
    part = answer(web, reader, "get_result_file", file_id=file["id"], offset=30_000)
    assert (part["text"], part["next_offset"]) == (page[30_000:].decode(), None)
    other = Engine(web.database)
    other.start_workflow()
    stranger = start_agent(other)
    assert refusal(web, stranger, "get_result_file", file_id=file["id"])["code"] == "not_found"

    url = f"{web.url}/api/v1/result-files/{file['id']}"
    assert httpx.get(url).status_code == 401
    got = httpx.get(url, headers={"Authorization": f"Bearer {viewer.token}"})
    assert got.content == page
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"] == "attachment; filename*=UTF-8''my%20page.html"
    assert got.headers["Content-Security-Policy"].startswith("sandbox")
