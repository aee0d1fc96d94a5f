"""docs/cluster.md: what it says to type is there, and does what it says as far as no cluster is needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from calf.client.connection import connect
from calf.wire.messages import pfs
from tests.conftest import serving

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/cluster.md").read_text()
HERE, THERE = "127.0.0.1:30650", "grpc://127.0.0.1:30680"
COMMANDS = {"make", "export", "kubectl", "helm", "pachctl", "calf"}
REVISION = "0123456789" * 4


def marked() -> str:
    return "".join(re.findall(r"<!-- tested -->\n```\n(.*?)```", PAGE, re.DOTALL))


def lines() -> list[str]:
    return [
        line
        for block in re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]


def test_the_page_s_commands_are_ones_that_it_has_told_how_to_get() -> None:
    assert {line.split()[0] for line in lines()} == COMMANDS


def test_the_files_and_targets_that_it_names_are_there() -> None:
    named = {word for line in lines() for word in re.findall(r"cluster-conf[\w./-]*", line)}
    places = named | set(re.findall(r"`((?:cluster-conf|images|stages)/[\w./-]+)", PAGE))
    assert {place for place in places if not (ROOT / place).exists()} == set()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", PAGE)) | {"setup", "conf-check"} <= targets


def test_the_applications_that_it_waits_for_and_deletes_are_those_that_there_are() -> None:
    parts = re.findall(r"\{name: (\w+), wave", (ROOT / "cluster-conf/apps/values.yaml").read_text())
    (deleted,) = [line for line in lines() if "delete application calf-" in line]
    assert sorted(re.findall(r"calf-(\w+)", deleted)) == sorted(parts)


def test_the_secrets_that_it_makes_are_those_that_are_asked_for() -> None:
    made = {
        (name, key)
        for line in lines()
        if "create secret" in line
        for name in re.findall(r"generic ([\w-]+)", line)
        for key in re.findall(r"--from-literal=(\w+)=", line)
    }
    asked = {
        reference
        for file in ROOT.glob("cluster-conf/*/base/secrets.yaml")
        for reference in re.findall(r"\{key: ([\w-]+), property: (\w+)\}", file.read_text())
    }
    assert made == asked


def test_the_tunnel_s_port_is_neither_the_engine_s_nor_its_dashboard_s() -> None:
    """Step 6 needs the engine on this machine, and its dashboard has the port above its own."""
    (tunnel,) = [int(port) for line in lines() for port in re.findall(r"port-forward \S+ (\d+):", line)]
    engine = int(HERE.rpartition(":")[2])
    assert tunnel not in {engine, engine + 1}
    assert THERE.endswith(f":{tunnel}")


def test_the_delivery_is_waited_for_by_what_counts_the_jobs_of_hooks() -> None:
    """An Application's health does not, so it would be healthy before anything is delivered."""
    (waits,) = [line for line in lines() if "wait application/calf-delivery --for=jsonpath" in line]
    assert "{.status.operationState.phase}'=Succeeded" in waits
    patch = (ROOT / "cluster-conf/argocd/argocd-cm.patch.yaml").read_text()
    assert 'operationState.phase == "Running"' in patch


def test_door_and_data_work_as_written(tmp_path: Path) -> None:
    """A second engine of ours is the cluster: all of it goes over Pachyderm's own API."""
    with serving(tmp_path / "here") as here, serving(tmp_path / "there") as there:
        fill(here.address)
        deliver(there.address, tmp_path)
        script = marked().replace(HERE, here.address).replace(THERE, f"grpc://{there.address}")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "HOME": str(tmp_path), "CALF_HOME": str(tmp_path / "home")}
        env = {name: value for name, value in env.items() if name not in {"PACHD_ADDRESS", "PACH_CONFIG"}}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with connect(there.address) as client:
            for repo in ("pets", "weights", "params"):
                file = pfs.File(commit=pfs.Commit(branch=branch(repo)), path="/file")
                assert client.pfs.InspectFile(pfs.InspectFileRequest(file=file)).size_bytes == len(repo)
    assert f'"calf.dev/revision": "{REVISION}"' in done.stdout
    assert re.search(r"^default\s+ingest\s", done.stdout, re.MULTILINE)


def branch(repo: str) -> object:
    return pfs.Branch(
        repo=pfs.Repo(name=repo, type="user", project=pfs.Project(name="default")), name="master"
    )


def fill(address: str) -> None:
    """The repos that `make run` leaves, with a file each."""
    for repo in ("pets", "weights", "params"):
        for words in (["create", "repo", repo], ["put", "file", f"{repo}@master:/file"]):
            pachctl = Path(sys.executable).with_name("pachctl")
            env = {**os.environ, "PACHD_ADDRESS": address}
            subprocess.run([pachctl, *words], env=env, input=repo.encode(), check=True, capture_output=True)


def deliver(address: str, folder: Path) -> None:
    """What the Job does."""
    stages = sorted(path.name for path in (ROOT / "stages").iterdir())
    (folder / "lock").write_text("".join(f"calf/{name} sha256:{'a' * 64}\n" for name in stages))
    words = [f"--address={address}", f"--specs={ROOT / 'pipelines'}", f"--overlays={folder / 'none'}"]
    words += [f"--digests={folder / 'lock'}", "--registry=registry.example.org", f"--revision={REVISION}"]
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'pipelines'}"}
    subprocess.run(
        [sys.executable, ROOT / "pipelines/deliver.py", *words], env=env, check=True, capture_output=True
    )
