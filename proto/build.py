"""Compiles proto/*.proto into the descriptor set that `calf.wire` loads.

    .venv/bin/python proto/build.py

The result is a pure function of the .proto files and the compiler's version; tests/wire compares it with the
committed file.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "src" / "calf" / "wire" / "api.binpb"


def build(output: Path) -> None:
    """Writes the descriptor set, Google's own files included, to `output`.

    Raises SystemExit with the compiler's status when a file does not compile; the compiler has said why.
    """
    sources = sorted(path.name for path in HERE.glob("*.proto"))
    google = resources.files("grpc_tools") / "_proto"
    status = protoc.main(
        [
            "protoc",
            f"-I{HERE}",
            f"-I{google}",
            "--include_imports",
            f"--descriptor_set_out={output}",
            *sources,
        ]
    )
    if status:
        sys.exit(status)


if __name__ == "__main__":
    build(OUTPUT)
