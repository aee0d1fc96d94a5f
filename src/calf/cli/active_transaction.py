"""The open transaction that this client's requests go to: `active_transaction` of the context in force."""

from __future__ import annotations

from calf.cli.session import Session
from calf.model.errors import InvalidArgument

_KEY = "active_transaction"
_DEFAULT = "default"


def active(session: Session) -> str:
    """The id of the active transaction, empty when there is none."""
    return str(session.context.get(_KEY) or "")


def choose(session: Session, given: str | None) -> str:
    """The transaction meant: the one given, else the active one. Raises `InvalidArgument` without either."""
    id_ = given or active(session)
    if not id_:
        raise InvalidArgument("no active transaction", "`pachctl start transaction` opens one")
    return id_


def keep(session: Session, id_: str) -> None:
    """Make a transaction the active one; with "" none is."""
    from calf.client.config import save_config

    config = session.config
    name = session.environ.get("PACH_CONTEXT") or config.active or _DEFAULT
    context = {key: value for key, value in config.contexts.get(name, {}).items() if key != _KEY}
    changed = config.with_context(name, {**context, _KEY: id_} if id_ else context)
    save_config(changed if config.active else changed.with_active(name))


def leave(session: Session, id_: str) -> None:
    """Forget the active transaction if it is this one."""
    if active(session) == id_:
        keep(session, "")
