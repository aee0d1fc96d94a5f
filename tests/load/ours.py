"""Clients of ours, in a process of their own: `python -m tests.load.ours --kind sharing …`."""

from __future__ import annotations

import argparse
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

from calf.client.connection import Client, connect
from calf.client.terms import Terms
from tests.load.diary import Diary, Life, live, tell, wait_for_others
from tests.load.owning import Owner
from tests.load.sharing import Collector, Looker, Sharer, reason

CALL = 60.0
"""Seconds after which a call through gRPC has hung; the server's own socket knows no such limit."""
KINDS = ("looking", "collecting", "sharing", "owning")


def main() -> int:
    """Live as so many clients of one kind, every other one through gRPC; then tell what they saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--python", default="", help="the interpreter of the batching stage, if there is one")
    for name, kind in (("address", str), ("prefix", str), ("clients", int), ("pause", float)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as connections:
        ones: list[Sharer | Owner] = []
        for number in range(asked.clients):
            client = connections.enter_context(connect(asked.address, Terms(timeout=CALL)))
            if number % 2:
                client.local = None  # through gRPC
            one = _one(asked, number, client, Diary(), Path(folder))
            if isinstance(one, Owner):
                one.begin()
            ones.append(one)
        life = Life(wait_for_others(), asked.pause)
        threads = [
            threading.Thread(target=live, args=(one.diary, life, one.works(), one.dice, reason))
            for one in ones
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    tell([one.diary for one in ones])
    return 0


def _one(
    asked: argparse.Namespace, number: int, client: Client, diary: Diary, folder: Path
) -> Sharer | Owner:
    match asked.kind:
        case "owning":
            python = asked.python if number % 4 == 1 else ""
            return Owner(number, client, diary, asked.prefix, python)
        case "looking":
            return Looker(number, client, diary, asked.prefix, folder)
        case "collecting":
            return Collector(number, client, diary, asked.prefix, folder)
        case _:
            return Sharer(number, client, diary, asked.prefix, folder)


if __name__ == "__main__":
    main()
