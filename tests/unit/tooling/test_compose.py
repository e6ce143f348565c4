"""What the compose file allows to the worker's container, in which bubblewrap contains agents."""

import json
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
WORKER = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["worker"]
#: bubblewrap and programs of agents need them.
NEEDED = {"clone", "clone3", "unshare", "mount", "umount2", "pivot_root", "prctl", "seccomp"}
#: They reach beyond a container.
REFUSED = {"bpf", "init_module", "kexec_load", "keyctl", "open_by_handle_at", "setns", "move_mount"}


def test_the_worker_may_contain_agents_and_do_nothing_else_with_its_rights() -> None:
    options = dict(option.split("=", 1) for option in WORKER["security_opt"])
    assert options.pop("seccomp") == "./seccomp-agents.json"
    assert options == {
        "no-new-privileges": "true",
        "apparmor": "unconfined",
        "systempaths": "unconfined",
    }
    assert WORKER["cap_drop"] == ["ALL"]
    profile = json.loads((ROOT / "seccomp-agents.json").read_text())
    refused = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert {rule["action"] for rule in profile["syscalls"]} == {"SCMP_ACT_ERRNO"}
    assert refused >= REFUSED
    assert not refused & NEEDED
