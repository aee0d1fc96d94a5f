"""Who may come in: everybody; who shows a token; or who comes from this user's own processes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from calf.kit.guessing import Guesses
from calf.model.errors import CalfError, Category, Denied, Unauthenticated, Unreachable
from calf.web.neighbours import is_mine
from calf.web.upstream import Upstream
from calf.wire.messages import pfs

Place = tuple[str, int]
"""One end of a connection: address and port."""
HINT = "the server's owner has it: one of the lines of the file that `--token-file` names"
_WRONG = Unauthenticated("this is no token of the server's", HINT)
_PRIVATE = Denied(
    "this dashboard is another user's of this machine", "begin one of your own: `calf dashboard`"
)
_TOO_MANY = Unreachable(
    "too many wrong tokens came from this address",
    "wait some seconds, and see that no program there goes on with an old token",
)


@dataclass(frozen=True, slots=True)
class Keeper:
    """`tokens` are digests (SHA-256, hex) of those that the server takes, where it is ours and asks for one;
    where it is another, it says itself. With `is_private` only processes of this user come in, and `own` is
    shown to the server for them.
    """

    tokens: tuple[str, ...] = ()
    is_private: bool = False
    own: str = field(default="", repr=False)
    _guesses: Guesses = field(default_factory=Guesses, repr=False, compare=False)

    def admit(self, token: str, client: Place | None, here: Place | None) -> str | None:
        """What to show to the server for who comes from `client` to `here` with a token; None: not let in.

        Raises `Denied` where no token helps, `Unreachable` where too many wrong ones were shown.
        """
        if self.is_private:
            if client is None or here is None or not is_mine(client, here):
                raise _PRIVATE
            return self.own
        if self.tokens:
            return "" if token and self._is_one(token, client) else None
        return token

    def check(self, token: str, client: Place | None, upstream: Upstream) -> None:
        """See that a typed token does. Raises `Unauthenticated`, `Unreachable`, and what asking raises."""
        if self.tokens:
            if not self._is_one(token, client):
                raise _WRONG
            return
        asked = upstream.patient(token)
        try:
            next(iter(asked.pfs.ListProject(pfs.ListProjectRequest())), None)
        except CalfError as error:
            if error.category is not Category.UNAUTHENTICATED:
                raise
            self._count(client)
            raise _WRONG from error
        finally:
            asked.close()

    def _is_one(self, token: str, client: Place | None) -> bool:
        shown = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        # all are compared, each to its end: how long that takes says nothing about any of them
        same = [hmac.compare_digest(shown, each) for each in self.tokens]
        if any(same):
            if not self._guesses.spares(_peer(client)):
                raise _TOO_MANY
            return True
        self._count(client)
        return False

    def _count(self, client: Place | None) -> None:
        if self._guesses.count(_peer(client)):
            raise _TOO_MANY


OPEN = Keeper()
"""Lets in whoever gets here."""


def _peer(client: Place | None) -> str:
    """As gRPC writes it."""
    host, port = client or ("unknown", 0)
    return f"ipv6:[{host}]:{port}" if ":" in host else f"ipv4:{host}:{port}"
