from __future__ import annotations

import errno
import logging
import os
from typing import Any

import grpc
import pytest

from calf.model.errors import CalfError, Category, NotFound, WrongState
from calf.rpc.errors import STATUS
from calf.wire.limits import CODE_KEY, HINT_KEY
from calf.wire.messages import google, pfs

INSPECT = "/pfs_v2.API/InspectRepo"
LIST = "/pfs_v2.API/ListRepo"


def raiser(error: Exception) -> Any:
    def handler(_request: Any, _call: Any) -> Any:
        raise error

    return handler


def trailer(error: grpc.RpcError) -> dict[str, Any]:
    return dict(error.trailing_metadata())


def test_every_category_has_a_status() -> None:
    assert set(STATUS) == set(Category)


@pytest.mark.parametrize("category", Category)
def test_every_category_reaches_the_client_with_text_code_and_hint(
    serve: Any, ask: Any, category: Category
) -> None:
    error = CalfError('branch "ü" not found in repo default/r', "see `pachctl list branch ü`\nor not")
    error.category = category  # type: ignore[misc]  # one class stands for all here
    call = ask(serve({INSPECT: raiser(error)}))
    with pytest.raises(grpc.RpcError) as caught:
        call(INSPECT, pfs.InspectRepoRequest())
    assert caught.value.code() is STATUS[category]
    assert caught.value.details() == error.message
    assert trailer(caught.value)[CODE_KEY] == category.value
    assert trailer(caught.value)[HINT_KEY].decode() == error.hint


def test_a_stream_that_fails_half_way_delivers_what_it_had(serve: Any, ask: Any) -> None:
    def handler(_request: Any, _call: Any) -> Any:
        yield pfs.RepoInfo(description="first")
        raise WrongState("commit c has already finished")

    stream = ask(serve({LIST: handler}))(LIST, pfs.ListRepoRequest())
    assert next(stream).description == "first"
    with pytest.raises(grpc.RpcError, match="has already finished") as caught:
        next(stream)
    assert caught.value.code() is grpc.StatusCode.UNKNOWN


def test_an_unexpected_exception_is_internal_and_logged_under_a_number(
    serve: Any, ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    call = ask(serve({INSPECT: raiser(ZeroDivisionError("secret detail"))}))
    with caplog.at_level(logging.ERROR), pytest.raises(grpc.RpcError) as caught:
        call(INSPECT, pfs.InspectRepoRequest())
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in caught.value.details()
    number = caught.value.details().split()[2]
    assert number in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("number", "category"),
    [
        (errno.EIO, Category.DISK),
        (errno.EROFS, Category.DISK),
        (errno.ENOSPC, Category.FULL),
        (errno.EMFILE, Category.FULL),
    ],
)
def test_a_disk_that_fails_is_no_mistake_of_ours(
    serve: Any, ask: Any, number: int, category: Category
) -> None:
    call = ask(serve({INSPECT: raiser(OSError(number, os.strerror(number)))}))
    with pytest.raises(grpc.RpcError, match=f"(?i){os.strerror(number)}") as caught:
        call(INSPECT, pfs.InspectRepoRequest())
    assert trailer(caught.value)[CODE_KEY] == category.value


def test_a_text_longer_than_a_header_is_cut_not_lost(serve: Any, ask: Any) -> None:
    call = ask(serve({INSPECT: raiser(NotFound("x" * 50_000, "y" * 50_000))}))
    with pytest.raises(grpc.RpcError) as caught:
        call(INSPECT, pfs.InspectRepoRequest())
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert caught.value.details().endswith("x...")


def test_methods_without_handler_are_unimplemented_by_name(serve: Any, ask: Any) -> None:
    call = ask(serve({}))
    with pytest.raises(grpc.RpcError) as caught:
        call(INSPECT, pfs.InspectRepoRequest())
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == "unknown method InspectRepo for service pfs_v2.API"
    with pytest.raises(grpc.RpcError) as caught:
        list(call("/pfs_v2.API/GetFile", pfs.GetFileRequest()))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    with pytest.raises(grpc.RpcError) as caught:
        call("/pfs_v2.API/ModifyFile", iter([pfs.ModifyFileRequest()]))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_handler_for_a_method_that_does_not_exist_is_found_at_start(serve: Any) -> None:
    with pytest.raises(KeyError, match=r"no method /pfs_v2\.API/Nothing"):
        serve({"/pfs_v2.API/Nothing": raiser(ValueError())})


def test_a_handler_answers(serve: Any, ask: Any) -> None:
    call = ask(serve({"/pfs_v2.API/CreateRepo": lambda _request, _call: google.Empty()}))
    assert call("/pfs_v2.API/CreateRepo", pfs.CreateRepoRequest()) == google.Empty()
