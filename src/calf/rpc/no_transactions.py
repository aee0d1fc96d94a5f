"""Client transactions, of which there are none yet: what can be answered truly without them.

python-pachyderm's `delete_all()` and `pachctl delete all` end with deleting all transactions.
"""

from __future__ import annotations

from typing import Any

from calf.rpc.call import Call, Handlers
from calf.wire.messages import google, transaction


def handlers() -> Handlers:
    """ListTransaction and DeleteAll."""
    return {
        "/transaction_v2.API/ListTransaction": list_transaction,
        "/transaction_v2.API/DeleteAll": delete_all,
    }


def list_transaction(_request: Any, _call: Call) -> Any:
    """None."""
    return transaction.TransactionInfos()


def delete_all(_request: Any, _call: Call) -> Any:
    """Nothing to delete."""
    return google.Empty()
