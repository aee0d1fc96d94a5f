"""Calling every method of a client: no method is forgotten, whatever it takes."""

import inspect
import typing

import grpc

SAMPLES = {str: "x", int: 1, bool: False}


def public_methods(owner):
    """Its own public methods by name."""
    return {
        name: method
        for name, method in vars(owner).items()
        if not name.startswith("_") and inspect.isfunction(method)
    }


def sample_arguments(method):
    """A value for each argument that has no default."""
    needed = [
        each
        for each in list(inspect.signature(method).parameters.values())[1:]
        if each.default is inspect.Parameter.empty
    ]
    return {each.name: sample(each.annotation) for each in needed}


def sample(kind):
    """Some value of a type."""
    if typing.get_origin(kind) is list:
        return []
    if kind in SAMPLES:
        return SAMPLES[kind]
    return kind() if isinstance(kind, type) else 1


def outcome(function, *args, **kwargs):
    """What a call comes to: its result, or (status, text) of its failure."""
    try:
        result = function(*args, **kwargs)
        return list(result) if hasattr(result, "__next__") else result
    except grpc.RpcError as error:
        return error.code(), error.details()
