"""Who may come in: everybody; who shows a token; or who comes from this user's own processes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from calf.kit.guessing import Guesses
from calf.model.errors import CalfError, Category, Unauthenticated, Unreachable
from calf.web.neighbours import is_mine
from calf.web.upstream import Upstream
from calf.wire.messages import pfs

Place = tuple[str, int]
"""One end of a connection: address and port."""
HINT = "the server's owner has it: one of the lines of the file that `--token-file` names"
_WRONG = Unauthenticated("this is no token of the server's", HINT)
_TOO_MANY = Unreachable(
    "too many wrong tokens came from this address",
    "wait some seconds, and see that no program there goes on with an old token",
)


@dataclass(frozen=True, slots=True)
class Keeper:
    """`tokens` are digests (SHA-256, hex) of those that the server takes, where it is ours and asks for one;
    where it is another, it says itself. `own` is the token of the user whose dashboard this is: it is shown
    to the server for whoever comes from a process of the same user.
    """

    tokens: tuple[str, ...] = ()
    own: str = field(default="", repr=False)
    _guesses: Guesses = field(default_factory=Guesses, repr=False, compare=False)

    def admit(self, token: str, client: Place | None, here: Place | None) -> str | None:
        """What to show to the server for who comes from `client` to `here` with a token; None: not let in.

        Raises `Unreachable` where too many wrong ones were shown.
        """
        if self.tokens:
            return "" if token and self._is_one(token, client) else None
        if token or not self.own:
            return token
        return self.own if client and here and is_mine(client, here) else ""

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
