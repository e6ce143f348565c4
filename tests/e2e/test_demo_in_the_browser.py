"""From the link that `make demo KEEP=1` prints to approved work, at a desk and on a phone."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.chromium import PATIENCE, running_chromium

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Demo:
    """A demo whose stack stays: what it printed, the link at its end, and its folder."""

    told: str
    link: str
    folder: Path


@pytest.fixture
def demo() -> Iterator[Demo]:
    ran = subprocess.run(
        [sys.executable, "-m", "examples.demo.demo", "--keep"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    ending = re.search(r"^To end it: hephaestus (down .*) && rm -r (.*)$", ran.stdout, re.MULTILINE)
    assert ending is not None, ran.stdout + ran.stderr
    try:
        assert ran.returncode == 0, ran.stdout
        yield Demo(ran.stdout, ran.stdout.splitlines()[-1], Path(ending[2]))
    finally:
        command = [sys.executable, "-m", "hephaestus_sdk.cli.main", *shlex.split(ending[1])]
        subprocess.run(command, check=True, timeout=120)
        shutil.rmtree(ending[2])


@pytest.mark.timeout(400)
def test_the_demo_tells_of_teamwork_and_its_link_leads_to_an_approved_diff(demo: Demo) -> None:
    refused = re.search(r"A duplicate was refused: task (\S+) does not run, since", demo.told)
    used = re.search(
        r'A memory was used: the agent of task (\S+) saved "Amounts in prices\.py .*" The prompts '
        r"of later tasks told it \((.+)\); agents that found it useful: 1\.",
        demo.told,
    )
    assert refused is not None, demo.told
    assert used is not None, demo.told
    assert f"task {refused[1]} refused as a duplicate" in demo.told
    assert used[1] not in used[2].split(", ")
    raters = re.findall(r"task (\S+) was told what .* rates it useful", demo.told)
    assert set(raters) <= set(used[2].split(", "))
    assert len(raters) == 1
    with running_chromium() as chromium:
        desk = chromium.new_context(viewport={"width": 1280, "height": 800})
        desk.set_default_timeout(PATIENCE)
        page = desk.new_page()
        page.goto(demo.link)
        expect(page.get_by_role("heading", name="discount() is wrong")).to_be_visible()
        page.get_by_role("link", name="Look at the work, then decide about main").click()
        expect(page.get_by_text("Nothing stands out.")).to_be_visible()
        expect(page.get_by_role("link", name="prices.py", exact=True)).to_be_visible()

        phone = chromium.new_context(
            viewport={"width": 390, "height": 844}, storage_state=desk.storage_state()
        )
        phone.set_default_timeout(PATIENCE)
        page = phone.new_page()
        page.goto(demo.link.split("/login")[0])
        page.get_by_role("link", name="Look and approve").click()
        page.get_by_role("button", name="Approve → main").click()
        expect(page.get_by_text("delivered").first).to_be_visible()
    fixed = subprocess.run(
        ["git", "-C", str(demo.folder / "project"), "show", "main:prices.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "total - total * percent / 100" in fixed.stdout
