"""The network policies of a rendered environment, as whole: what must get through does, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from checks.objects import Object
from checks.reach import End, reaches
from checks.rendering import render, workspace

from tests.cluster.conftest import ROOT

NAME = "app.kubernetes.io/name"
PACHD = End("pachyderm", {"suite": "pachyderm", "app": "pachd"})
PROXY = End("pachyderm", {"suite": "pachyderm", "app": "pachyderm-proxy"})
WORKER = End("pachyderm", {"suite": "pachyderm", "app": "pipeline", "component": "worker"})
STRANGER = End("pachyderm", {"app": "stranger"})
POSTGRES = End("calf-data", {NAME: "postgres"})
STORE = End("calf-data", {NAME: "object-store"})
BUCKET = End("calf-data", {NAME: "bucket"})
DELIVER = End("calf-delivery", {NAME: "deliver"})
PROMETHEUS = End("monitoring", {NAME: "prometheus"})
ELSEWHERE = End("elsewhere", {"suite": "pachyderm", NAME: "deliver"})
NAMES = End("kube-system", {"k8s-app": "kube-dns"})
WORLD = End("", address="192.0.2.1")


@pytest.fixture(scope="module")
def things() -> Iterator[list[Object]]:
    with workspace(ROOT) as copy:
        yield render(copy, "prod").everything


@pytest.mark.parametrize(
    ("source", "target", "port"),
    [
        (PACHD, POSTGRES, 5432),
        (WORKER, POSTGRES, 5432),
        (WORKER, STORE, 9000),
        (PACHD, WORKER, 1080),
        (WORKER, PACHD, 1650),
        (PROXY, PACHD, 1650),
        (BUCKET, STORE, 9000),
        (DELIVER, PROXY, 8080),
        (PROMETHEUS, PACHD, 1656),
        (PROMETHEUS, WORKER, 9090),
        (PROMETHEUS, STORE, 9000),
        (WORKER, NAMES, 53),
        (DELIVER, NAMES, 53),
    ],
)
def test_what_has_to_get_through_does(things: list[Object], source: End, target: End, port: int) -> None:
    assert reaches(things, source, target, port)


@pytest.mark.parametrize(
    ("source", "target", "port"),
    [
        (WORKER, WORLD, 443),
        (PACHD, WORLD, 443),
        (DELIVER, WORLD, 443),
        (DELIVER, POSTGRES, 5432),
        (DELIVER, STORE, 9000),
        (DELIVER, PACHD, 1650),
        (STRANGER, POSTGRES, 5432),
        (STRANGER, PACHD, 1650),
        (POSTGRES, STORE, 9000),
        (POSTGRES, WORLD, 443),
        (STORE, WORLD, 443),
        (BUCKET, POSTGRES, 5432),
        (PROMETHEUS, POSTGRES, 5432),
        (ELSEWHERE, PROXY, 8080),
        (ELSEWHERE, POSTGRES, 5432),
        (WORLD, PROXY, 8080),
    ],
)
def test_nothing_else_does(things: list[Object], source: End, target: End, port: int) -> None:
    assert not reaches(things, source, target, port)


def test_the_api_server_is_reached_by_pachd_alone(things: list[Object]) -> None:
    """Wherever it is: docs/cluster.md has people set its addresses."""
    (policy,) = [thing for thing in things if thing["metadata"]["name"] == "to-api-server"]
    ranges = [peer["ipBlock"]["cidr"] for rule in policy["spec"]["egress"] for peer in rule["to"]]
    assert ranges
    for cidr in ranges:
        server = End("", address=cidr.removesuffix("/32"))
        assert reaches(things, PACHD, server, 443)
        for other in (PROXY, WORKER, STRANGER, POSTGRES, STORE, BUCKET, DELIVER):
            assert not reaches(things, other, server, 443)
