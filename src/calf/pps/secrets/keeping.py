"""Making, showing and deleting secrets. What waits for one goes on with it, in the same transaction."""

from __future__ import annotations

from calf.db import pipelines, secrets
from calf.db.secrets import Secret
from calf.db.tx import Tx
from calf.model.errors import AlreadyExists, NotFound
from calf.model.states import PipelineState
from calf.pfs.transaction import Txn
from calf.pps.engine import Pps
from calf.pps.pipelines.state import pin
from calf.pps.secrets.document import read_secret


def create(pps: Pps, txn: Txn, text: str) -> None:
    """Keep what a Kubernetes Secret says; pipelines that lacked it go on.

    Raises `InvalidArgument` for the document, `AlreadyExists`: a secret is replaced by deleting it first.
    """
    secret = read_secret(text, txn.now)
    if secrets.get(txn.tx, secret.name) is not None:
        raise AlreadyExists(
            f'secrets "{secret.name}" already exists', f"pachctl delete secret {secret.name} comes first"
        )
    secrets.insert(txn.tx, secret)
    txn.record("secret-created", secret.name)
    for info in pipelines.in_state(txn.tx, PipelineState.CRASHING):
        pin(pps, txn, info)


def delete(pps: Pps, txn: Txn, name: str) -> None:
    """Forget a secret; pipelines that use it wait for another of its name. Raises `NotFound`."""
    inspect(txn.tx, name)
    secrets.delete(txn.tx, name)
    txn.record("secret-deleted", name)
    for info in pipelines.all_(txn.tx):
        uses = info.spec.transform and any(it.name == name for it in info.spec.transform.secrets)
        if uses and info.state is not PipelineState.FAILURE:
            pin(pps, txn, info)


def inspect(tx: Tx, name: str) -> Secret:
    """The secret's record. Raises `NotFound`."""
    found = secrets.get(tx, name)
    if found is None:
        raise NotFound(f'secrets "{name}" not found', "`pachctl list secret` shows what there is")
    return found


def list_(tx: Tx) -> list[Secret]:
    """All secrets, by name."""
    return secrets.all_(tx)
