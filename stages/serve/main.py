"""A service: the released model answers by the Open Inference Protocol."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from stagekit import pfs
from stagekit.errors import StageError
from stagekit.serve.choose import Choice, choose
from stagekit.serve.opening import open_site
from stagekit.stage import run_stage

PORT = 8080


def main() -> None:
    """Serve what `/pfs/release` holds, or the bundle that is named, until the process is ended."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, _end)  # the first process of a container is deaf to it otherwise
    keys = tuple(_text(path) for path in asked.key)
    choice = (
        Choice(asked.model)
        if asked.model
        else choose(pfs.input_path("release"), pfs.optional_input("serving"))
    )
    commits = {
        repo: os.environ.get(f"{repo}_COMMIT", "") for repo in dict.fromkeys(("release", choice.source))
    }
    site = open_site(choice, asked.name, keys, commits)
    from stagekit.serve.http import Server  # after seeding, which must come before NumPy

    with Server((asked.host, asked.port), site) as server:
        what = f"{asked.name}, version {site.served.version}" if site.served else "no model, and why"
        print(f"serving {what}, at port {asked.port}", *choice.reasons, sep="\n  ", flush=True)
        server.serve_forever()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="main.py", description=__doc__)
    parser.add_argument("--model", type=Path, help="the folder of a bundle, in place of /pfs/release")
    parser.add_argument(
        "--name", default="segmenter", help="the model's name in paths (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="the port to listen at (default: %(default)s)")
    parser.add_argument("--key", type=Path, action="append", default=[], help="a public key (PEM) to trust")
    return parser.parse_args()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StageError(f"{path}: cannot be read ({error})") from error


def _end(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(run_stage(main))
