"""From a failed gRPC call back to the error that the server meant."""

from __future__ import annotations

import grpc

from calf.client.errors import make_error
from calf.model.errors import CalfError, Category
from calf.wire.limits import CODE_KEY, FIELD_KEY, HINT_KEY

# What a status means when the server is not ours and sends no code.
_BY_STATUS: dict[grpc.StatusCode, Category] = {
    grpc.StatusCode.NOT_FOUND: Category.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS: Category.EXISTS,
    grpc.StatusCode.INVALID_ARGUMENT: Category.INVALID,
    grpc.StatusCode.FAILED_PRECONDITION: Category.PRECONDITION,
    grpc.StatusCode.UNAVAILABLE: Category.UNREACHABLE,
    grpc.StatusCode.PERMISSION_DENIED: Category.DENIED,
    grpc.StatusCode.UNAUTHENTICATED: Category.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED: Category.UNIMPLEMENTED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Category.FULL,
    grpc.StatusCode.DATA_LOSS: Category.INTEGRITY,
    grpc.StatusCode.CANCELLED: Category.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED: Category.TIMEOUT,
    grpc.StatusCode.UNKNOWN: Category.STATE,
}

_NO_TLS = "WRONG_VERSION_NUMBER"
"""What the first bytes of an answer without TLS are taken for."""
_OTHER_NAME = "Hostname Verification Check"
_NO_GRPC = "Failed parsing HTTP/2"
_ONLY_TLS = ("failed to connect", "Socket closed")
"""A connection that came about and was closed before a word was said."""


def read_error(failure: grpc.RpcError, target: str, certificates: bytes | None = None) -> CalfError:
    """The error behind a failed call to `target`, of the class that stands for its category.

    `certificates` are those that the client trusts, None: the system's.
    """
    trailer = dict(failure.trailing_metadata() or ())
    code = trailer.get(CODE_KEY)
    if code is not None:
        hint, field = (trailer.get(key, b"").decode() for key in (HINT_KEY, FIELD_KEY))
        return make_error(Category(code), failure.details() or "", hint, field)
    category = _BY_STATUS.get(failure.code(), Category.INTERNAL)
    if category is Category.UNREACHABLE and "finished" in (failure.details() or ""):
        category = Category.UNFINISHED  # Pachyderm says UNAVAILABLE for both
    if category is Category.UNREACHABLE:
        if _NO_TLS in (failure.details() or ""):
            return make_error(
                category, f"the server at {target} does not speak TLS", f"write grpc://{target}, not grpcs://"
            )
        if _OTHER_NAME in (failure.details() or ""):
            return _other_name(target, certificates)
        if "SSL" in (failure.details() or ""):
            return make_error(
                category,
                f"the server at {target} shows a certificate that is not trusted",
                "name what it is trusted by: `pachctl config update context --server-cas-path cert.pem`",
            )
        if _NO_GRPC in (failure.details() or ""):
            return make_error(
                category,
                f"what answers at {target} is another program's server, of another protocol",
                "name ours with PACHD_ADDRESS or `pachctl connect`; there `calf status` says where it is",
            )
        if all(words in (failure.details() or "") for words in _ONLY_TLS):
            return make_error(
                category,
                f"the server at {target} hangs up on whoever does not speak TLS",
                f"write grpcs://{target}, and name what it is trusted by with --server-cas-path",
            )
        return make_error(
            category,
            f"no server answers at {target}",
            "start one with `calf up`, or name another with PACHD_ADDRESS or `pachctl connect`",
        )
    return make_error(category, failure.details() or failure.code().name)


def _other_name(target: str, certificates: bytes | None) -> CalfError:
    from calf.client.shown_names import shown_names

    names, host = ", ".join(shown_names(target, certificates)), target.rpartition(":")[0].strip("[]")
    return make_error(
        Category.UNREACHABLE,
        f"the certificate of the server at {target} is not for {host}"
        + (f", but for {names}" if names else ""),
        "connect by a name that is in it; on the server's machine, with cert.pem and key.pem moved away,"
        f" `calf access --host {host}` makes one with that name",
    )
