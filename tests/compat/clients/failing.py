"""What every scenario needs: to see a call fail, with the text that clients match."""

import re

import grpc


def failure(function, *args, **kwargs):
    """Call, expect it to fail, and give the gRPC status and its text."""
    try:
        result = function(*args, **kwargs)
        if hasattr(result, "__next__"):
            list(result)
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError(f"{function} did not fail")


def fails(text, function, *args, **kwargs):
    """Whether the call fails with a text that matches."""
    _, details = failure(function, *args, **kwargs)
    assert re.search(text, details), details
    return True
