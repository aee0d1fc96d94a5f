"""What docs/cluster.md gives helm and kubectl: rendered, or parsed as far as it goes without a cluster."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
import yaml
from checks.schema_rules import valid
from checks.tools import HOME, kustomize

from tests.cluster.conftest import ROOT

PAGE = (ROOT / "docs/cluster.md").read_text()
NOWHERE = ["--server=http://127.0.0.1:1", "--request-timeout=1s"]


def kubectl_lines() -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if line.startswith("kubectl ")]


def test_the_root_is_rendered_by_the_command_as_it_stands() -> None:
    (line,) = re.findall(r"<!-- rendered -->\n```\n(.*?)\n```", PAGE, re.DOTALL)
    render, _, apply = line.partition(" | ")
    assert apply == "kubectl apply -f -"
    script = f"export PATH={HOME}:$PATH; {render}"
    done = subprocess.run(["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    things = list(yaml.safe_load_all(done.stdout))
    assert [thing["kind"] for thing in things] == ["AppProject", "AppProject", "Application"]
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert things[-1]["spec"]["source"]["targetRevision"] == head.strip()


@pytest.mark.parametrize("line", kubectl_lines())
def test_kubectl_takes_the_command_and_misses_nothing_but_a_cluster(line: str) -> None:
    words = shlex.split(re.sub(r"\$\(.*?\)|>.*", "x" if "$(" in line else "", line))
    command = [str(HOME / "kubectl"), *words[1:]]
    at = command.index("--") if "--" in command else len(command)
    command[at:at] = NOWHERE
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert re.search(r"connection .*refused|was refused", done.stderr), done.stderr


def test_what_is_applied_for_trying_is_valid() -> None:
    things = list(yaml.safe_load_all(kustomize(ROOT / "cluster-conf/trial")))
    assert [finding for thing in things for finding in valid(thing)] == []


def test_the_patch_of_argo_cd_s_settings_fits_a_config_map() -> None:
    patch = yaml.safe_load((ROOT / "cluster-conf/argocd/argocd-cm.patch.yaml").read_text())
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm"}}
    assert list(valid({**settings, **patch})) == []
