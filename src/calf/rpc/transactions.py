"""Client transactions (spec E1): requests are gathered, tried out, and run at once at the end.

An ordinary request that carries `pach-transaction` is appended to that transaction instead of being done: the
whole list is run and undone, so that the client gets the answer it would get, or the error. Finishing runs
the list for good, in one transaction of `pfs` whose set id is the client's transaction id: it propagates
once, whatever moved. The handlers of the single methods know nothing of this.

A transaction only ever changes under the one writer's lock, so Pachyderm's error about concurrent
modifications has no place here.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from calf.db import transactions
from calf.db.tx import Tx
from calf.model.errors import NotFound, Precondition
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handler, Handlers
from calf.rpc.transaction_requests import Step, read_step, run_steps, write_response, write_step
from calf.wire.gathered import FIELDS
from calf.wire.limits import NO_FILES
from calf.wire.messages import Message, google
from calf.wire.messages import transaction as api
from calf.wire.times import write_time

_FILE_METHODS = ("/pfs_v2.API/ModifyFile", "/pfs_v2.API/AddFileSet")


def with_transactions(pfs: Pfs, handlers: Handlers) -> Handlers:
    """The handlers, those that a transaction may hold minding `pach-transaction`, and the API's own."""
    batch = Batch(pfs, {path: handler for path, handler in handlers.items() if path in FIELDS})
    own: dict[str, Handler] = {
        "BatchTransaction": batch.run_at_once,
        "StartTransaction": batch.start,
        "InspectTransaction": batch.inspect,
        "ListTransaction": batch.list_,
        "DeleteTransaction": batch.delete,
        "FinishTransaction": batch.finish,
        "DeleteAll": batch.delete_all,
    }
    return {
        **handlers,
        **{path: batch.appending(path) for path in batch.handlers},
        **{path: batch.outside(handlers[path]) for path in _FILE_METHODS if path in handlers},
        **{f"/transaction_v2.API/{name}": handler for name, handler in own.items()},
    }


class _Undo(Exception):
    """Undoes what was only tried."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The transactions of one server; `handlers` are those of the methods that one may hold."""

    pfs: Pfs
    handlers: Handlers

    def appending(self, path: str) -> Handler:
        """The handler of a method that is done at once, or appended when a transaction is open."""
        direct = self.handlers[path]

        def handler(request: Message, call: Call) -> object:
            if not call.transaction or getattr(request, "dry_run", False):
                return direct(request, call)
            return self.append(Step(path, request), call)

        return handler

    def outside(self, direct: Handler) -> Handler:
        """The handler of a method that is refused while its client's transaction is open."""

        def handler(request: Message, call: Call) -> object:
            if call.transaction:
                with self.pfs.read() as tx:
                    if transactions.get(tx, call.transaction) is not None:
                        raise Precondition(NO_FILES, "finish or stop the transaction first")
            return direct(request, call)

        return handler

    def append(self, step: Step, call: Call) -> Message:
        """Add a step to the client's transaction; what it would answer. Raises as the step would."""
        with self.pfs.db.write() as tx:
            info = _load(tx, call.transaction)
            steps = [*map(read_step, info.requests), step]
            response = self._try(steps, call)[-1]
            info.requests.append(write_step(step, response))
            info.responses.append(write_response(step, response))
            info.version += 1
            transactions.update(tx, info.transaction.id, info.SerializeToString())
        return response

    def _try(self, steps: list[Step], call: Call) -> list[Message]:
        """Run and undo all steps, to the end of their transaction; their responses."""
        responses: list[Message] = []
        with suppress(_Undo), self.pfs.db.write():
            with self.pfs.transaction(call.transaction):
                responses += run_steps(self.handlers, steps, call)
            raise _Undo
        return responses

    def start(self, _request: Message, _call: Call) -> Message:
        """Open an empty transaction."""
        info = self._new(self.pfs.new_id())
        with self.pfs.db.write() as tx:
            transactions.insert(tx, info.transaction.id, info.SerializeToString())
        return info.transaction

    def inspect(self, request: Message, _call: Call) -> Message:
        """One open transaction."""
        with self.pfs.read() as tx:
            return _load(tx, request.transaction.id)

    def list_(self, _request: Message, _call: Call) -> Message:
        """All open transactions, newest first."""
        with self.pfs.read() as tx:
            records = transactions.all_(tx)
        return api.TransactionInfos(transaction_info=map(api.TransactionInfo.FromString, records))

    def delete(self, request: Message, _call: Call) -> Message:
        """Drop an open transaction: nothing of it ever happens."""
        id_ = request.transaction.id
        with self.pfs.db.write() as tx:
            if not transactions.delete(tx, id_):
                raise _not_found(id_)
        return google.Empty()

    def delete_all(self, _request: Message, _call: Call) -> Message:
        """Drop every open transaction."""
        with self.pfs.db.write() as tx:
            transactions.delete_all(tx)
        return google.Empty()

    def finish(self, request: Message, call: Call) -> Message:
        """Do all of a transaction, or, raising, nothing: then it stays open."""
        id_ = request.transaction.id
        with self.pfs.db.write() as tx:
            info = _load(tx, id_)
            self._run(info, call)
            transactions.delete(tx, id_)
        return info

    def run_at_once(self, request: Message, call: Call) -> Message:
        """Do a list of requests as one transaction."""
        info = self._new(self.pfs.new_id())
        info.requests.extend(request.requests)
        self._run(info, call)
        return info

    def _run(self, info: Message, call: Call) -> None:
        """Run what `info` lists, for good, and put the responses into it."""
        steps = [read_step(stored) for stored in info.requests]
        with self.pfs.transaction(info.transaction.id):
            responses = run_steps(self.handlers, steps, call)
        del info.responses[:]
        info.responses.extend(map(write_response, steps, responses))

    def _new(self, id_: str) -> Message:
        return api.TransactionInfo(
            transaction=api.Transaction(id=id_), started=write_time(self.pfs.clock()), version=0
        )


def _load(tx: Tx, id_: str) -> Message:
    record = transactions.get(tx, id_)
    if record is None:
        raise _not_found(id_)
    return api.TransactionInfo.FromString(record)


def _not_found(id_: str) -> NotFound:
    return NotFound(
        f"transaction {id_} not found",
        "`pachctl list transaction` shows what there is; `pachctl stop transaction` leaves one that is gone",
    )
