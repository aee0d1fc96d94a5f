"""No method of python-pachyderm goes without a call in this folder."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import python_pachyderm
from python_pachyderm import Client, ModifyFileClient, PFSFile
from python_pachyderm.mixin.worker import WorkerMixin

HERE = Path(__file__).parent
NOT_CALLED = {
    "extract_auth_tokens": "raises NotImplementedError in the client itself",
    "restore_auth_token": "raises NotImplementedError in the client itself",
    "batch_all_datums": "for a stage, where this client is not installed; scenario 96 batches",
    "batch_datum": "as batch_all_datums",
    "next_datum": "as batch_all_datums",
}


def _public(owner):
    return {
        name
        for name, member in inspect.getmembers(owner)
        if not name.startswith("_") and (inspect.isfunction(member) or inspect.ismethod(member))
    }


def _methods():
    owners = [Client, ModifyFileClient, PFSFile, WorkerMixin]
    return set().union(*map(_public, owners)) | _public(python_pachyderm)


def _called():
    """The attributes that tests call, and the names that they have in tables."""
    nodes = [node for file in HERE.glob("test_*.py") if file != Path(__file__) for node in _nodes(file)]
    called = {node.func.attr for node in nodes if isinstance(node, ast.Call) and _is_method(node)}
    return called | {node.value for node in nodes if isinstance(node, ast.Constant)}


def _nodes(file):
    return ast.walk(ast.parse(file.read_text()))


def _is_method(node):
    return isinstance(node.func, ast.Attribute)


def test_every_method_is_called():
    assert sorted(_methods() - _called() - NOT_CALLED.keys()) == []


def test_what_is_not_called_is_there():
    assert NOT_CALLED.keys() <= _methods()
