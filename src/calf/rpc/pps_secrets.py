"""Secrets: create, delete, inspect, list; values never go out."""

from __future__ import annotations

from functools import partial

from calf.db.secrets import Secret
from calf.model.errors import InvalidArgument
from calf.pps.engine import Pps
from calf.pps.secrets import keeping
from calf.rpc.call import Call, Handlers
from calf.wire.messages import Message, google
from calf.wire.messages import pps as api
from calf.wire.times import write_time


def handlers(pps: Pps) -> Handlers:
    """All methods about secrets."""
    return {
        "/pps_v2.API/CreateSecret": partial(create_secret, pps),
        "/pps_v2.API/DeleteSecret": partial(delete_secret, pps),
        "/pps_v2.API/InspectSecret": partial(inspect_secret, pps),
        "/pps_v2.API/ListSecret": partial(list_secret, pps),
    }


def create_secret(pps: Pps, request: Message, _call: Call) -> Message:
    """Keep a Kubernetes Secret, given as JSON or YAML."""
    try:
        text = request.file.decode()
    except UnicodeDecodeError:
        raise InvalidArgument("failed to parse secret: it is not UTF-8 text") from None
    with pps.pfs.transaction() as txn:
        keeping.create(pps, txn, text)
    return google.Empty()


def delete_secret(pps: Pps, request: Message, _call: Call) -> Message:
    """Forget one."""
    with pps.pfs.transaction() as txn:
        keeping.delete(pps, txn, request.secret.name)
    return google.Empty()


def inspect_secret(pps: Pps, request: Message, _call: Call) -> Message:
    """Name, type and age of one."""
    with pps.pfs.read() as tx:
        return _info(keeping.inspect(tx, request.secret.name))


def list_secret(pps: Pps, _request: Message, _call: Call) -> Message:
    """Name, type and age of each."""
    with pps.pfs.read() as tx:
        return api.SecretInfos(secret_info=[_info(secret) for secret in keeping.list_(tx)])


def _info(secret: Secret) -> Message:
    return api.SecretInfo(
        secret=api.Secret(name=secret.name), type=secret.type, creation_timestamp=write_time(secret.created)
    )
