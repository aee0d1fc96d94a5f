"""Each public method of pachyderm-sdk has a call in a test here, a service that is off, or a reason below."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from pachyderm_sdk import Client
from pachyderm_sdk.api.pfs.extension import OpenCommit
from pachyderm_sdk.api.worker.extension import WorkerStub
from pachyderm_sdk.errors import AuthServiceNotActivated

AUTH_OFF = "the auth service is not activated"
OFF = {
    "auth": AUTH_OFF,
    "identity": AUTH_OFF,
    "license": "license server is deprecated",
    "enterprise": "enterprise server is deprecated",
    "pjs": "unknown method",
    "snapshot": "unknown method",
}
"""Service -> what each of its methods says, but for those that a test calls."""
NOT_CALLED = {
    (
        "storage",
        "assemble_fileset",
    ): "needs the SDK's extra packages; rests on read_fileset_cdr, which we refuse",
    ("storage", "fetch_chunks"): "the same",
    ("worker", "cancel"): "pachd's word to its workers; a stage has no use for it",
    ("worker", "next_datum"): "batch_datum calls it",
}


def stubs(client: Client) -> dict[str, object]:
    """The stubs of a client by the name of their service."""
    return {name: it for name, it in vars(client).items() if type(it).__name__.endswith("Stub")}


def methods(kind: type) -> set[str]:
    """The public methods of a class."""
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def called(folder: Path) -> set[tuple[str, str]]:
    """(`b`, `c`) of each `a.b.c` in the Python files of a folder, and ("", `c`) of each `b.c`."""
    trees = (ast.parse(path.read_text()) for path in folder.glob("*.py"))
    found = [it for tree in trees for it in ast.walk(tree) if isinstance(it, ast.Attribute)]
    nested = {(it.value.attr, it.attr) for it in found if isinstance(it.value, ast.Attribute)}
    return nested | {("", it.attr) for it in found}


def test_each_method_of_the_stubs_is_called(client):
    offered = {(name, method) for name, stub in stubs(client).items() for method in methods(type(stub))}
    offered = {(service.replace("_version_api", ""), method) for service, method in offered}
    offered |= {("worker", method) for method in methods(WorkerStub)}
    offered |= {("", method) for method in methods(OpenCommit) & set(vars(OpenCommit)) | {"wait", "wait_all"}}
    assert len(offered) > 200
    missing = {it for it in offered - called(Path(__file__).parent) if it[0] not in OFF}
    assert missing - set(NOT_CALLED) == set()
    assert set(NOT_CALLED) - missing == set(), "these are called, or gone"


@pytest.mark.parametrize("service", OFF)
def test_services_that_are_off_say_so_in_every_method(client, service):
    stub = getattr(client, service)
    here = called(Path(__file__).parent)
    for name in sorted(methods(type(stub)) - {method for other, method in here if other == service}):
        said = AUTH_OFF if (service, name) == ("license", "delete_all") else OFF[service]
        with pytest.raises((grpc.RpcError, AuthServiceNotActivated), match=said):
            ask(getattr(stub, name))


def ask(method: Callable[..., object]) -> None:
    answer = method(iter(())) if "request_iterator" in inspect.signature(method).parameters else method()
    if isinstance(answer, Iterator):
        list(answer)
