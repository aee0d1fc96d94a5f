"""What the warm process has when it forks: everything that commands load, and nothing that remembers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.warm.processes import LIMIT

SCRIPT = """
import os, random, sys, tempfile, threading, time
from calf.cli.warm.loaded import load
from calf.cli.root import run
streams = sys.stdin, sys.stdout, sys.stderr
load(time.time_ns())
assert threading.active_count() == 1
assert tempfile.tempdir is None
assert not {"readline", "grpc", "ssl"} & sys.modules.keys()
assert len(os.listdir("/proc/self/fd")) == 4  # the listing's own among them
before = set(sys.modules)
for words in (
    ["create", "repo", "in"],
    ["put", "file", "in@master:/f", "-f", "/etc/hostname"],
    ["list", "repo"], ["list", "commit"], ["list", "file", "in@master"],
    ["list", "pipeline"], ["list", "job"],
    ["get", "file", "in@master:/f"], ["inspect", "repo", "in"], ["inspect", "commit", "in@master"],
    ["wait", "commit", "in@master"], ["version"], ["list", "repo", "--raw"],
    ["create", "pipeline", "-f", sys.argv[1]],
    ["delete", "repo", "nowhere"], ["delete", "repo"],
):
    run(words)
print(*sorted(set(sys.modules) - before), file=sys.stderr, sep=",")
"""
SPEC = "pipeline: {name: p}\ninput: {pfs: {repo: in, glob: /*}}\ntransform: {image: host, cmd: ['true']}\n"


def test_common_commands_load_nothing_more(server_address: str, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC)
    env = {**os.environ, "PACHD_ADDRESS": server_address, "PACH_CONFIG": str(tmp_path / "config.json")}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(spec)],
        env=env,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1] == "", ended.stderr


def test_random_numbers_differ_between_children() -> None:
    script = (
        "import os, sys, time; from calf.cli.warm.loaded import load; load(0); import random, uuid\n"
        "for _ in range(2):\n"
        "    if not os.fork(): print(random.random(), uuid.uuid4(), flush=True); os._exit(0)\n"
        "    os.wait()\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    first, second = ended.stdout.splitlines()
    assert not set(first.split()) & set(second.split())
