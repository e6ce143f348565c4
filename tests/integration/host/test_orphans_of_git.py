"""Branches and mirrors that no row claims, with real git and Postgres."""

from sqlalchemy import text

from hephaestus_worker.host import repositories
from hephaestus_worker.orphans.tending import tend_orphans
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host
from tests.integration.host.test_orphans import (
    disown,
    make_old,
    mirror_of,
    shown,
    standing,
    started,
    tended,
)


def refs(repository: Repo, prefix: str) -> list[str]:
    return repository.git("for-each-ref", "--format=%(refname)", prefix).split()


def test_a_branch_is_moved_to_refs_of_its_own_and_then_deleted_and_others_never(
    host: Host,
) -> None:
    agent = started(host)
    disown(host, agent)
    mirror = mirror_of(host)
    mirror.git("update-ref", "refs/heads/of-a-person", "refs/remotes/origin/main")
    host.origin.git("branch", "hephaestus/of-a-person")
    tip = mirror.git("rev-parse", agent.branch).strip()
    worker = tended(host, times=2)  # the worktree goes, its branch is claimed by it until then
    assert ("branch", "quarantined") not in standing(host)
    for _ in range(2):
        make_old(host)
        tend_orphans(worker)
    [aside] = refs(mirror, "refs/hephaestus/orphans")
    assert mirror.git("merge-base", "--is-ancestor", tip, aside) == ""
    assert refs(mirror, "refs/heads/hephaestus") == []

    make_old(host)
    tend_orphans(worker)

    assert refs(mirror, "refs/hephaestus/orphans") == []
    assert refs(mirror, "refs/heads") == ["refs/heads/of-a-person"]
    assert "hephaestus/of-a-person" in host.origin.git("branch", "--list")


def test_a_mirror_without_work_goes_once_nobody_works_on_its_repository(host: Host) -> None:
    host.claim("hang:")
    worker = host.worker()
    mirror = repositories.mirror_of(worker, str(host.origin.path)).path
    tended(host, times=3)
    assert mirror.is_dir(), "its workflow is open"
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE agents SET released_at = now(), ended_at = now()"))
        session.execute(text("UPDATE workflows SET status = 'stopped'"))

    worker = tended(host, times=2)
    assert not mirror.exists()
    aside = worker.folders.mirrors / ".quarantine" / mirror.name
    assert aside.is_dir()
    make_old(host)
    tend_orphans(worker)
    assert not aside.exists()
    assert shown(host) == []


def test_a_mirror_with_kept_work_stays(host: Host) -> None:
    agent = started(host)
    disown(host, agent)
    mirror_of(host).git("update-ref", f"refs/hephaestus/kept/{agent.branch}/1", agent.branch)
    tended(host, times=8)
    assert mirror_of(host).path.is_dir()
