"""One change instead of many: what is asked for inside happens at its end, all at once or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from calf.client.connection import Client, connect
from calf.client.terms import Terms
from calf.wire.limits import TRANSACTION_KEY
from calf.wire.messages import transaction as api


@contextmanager
def transaction(outside: Client) -> Iterator[Client]:
    """A client whose requests are gathered; whatever moved runs downstream once, under one id.

    An exception drops the transaction, and so everything that it asked for.
    """
    opened = outside.transaction.StartTransaction(api.StartTransactionRequest())
    try:
        with connect(outside.target, Terms(metadata=((TRANSACTION_KEY, opened.id),))) as inside:
            yield inside
    except BaseException:
        outside.transaction.DeleteTransaction(api.DeleteTransactionRequest(transaction=opened))
        raise
    outside.transaction.FinishTransaction(api.FinishTransactionRequest(transaction=opened))
