from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from calf.runner.images import ImageStore, build_image
from calf.runner.images.build import Built
from calf.runner.images.dockerfile import read_dockerfile
from calf.runner.images.files import collect
from calf.runner.images.identity import image_digest

DOCKERFILE = """\
# a comment
ARG BASE=python:3.11-slim
FROM ${BASE}
WORKDIR /stage
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin GREETING="good day"
COPY stage/requirements.lock /stage/requirements.lock
RUN python -m venv /opt/venv \\
 && /opt/venv/bin/pip install --no-compile --require-hashes -r /stage/requirements.lock
COPY stage/main.py lib /stage/
"""
MAIN = """\
import tiny, sys, pathlib

pathlib.Path("/pfs/out/f").write_text(f"{tiny.VALUE} {sys.prefix} {sys.argv}")
"""


@dataclass
class Workshop:
    """A context with one stage, whose lock names one small wheel that lies beside it."""

    root: Path
    images: ImageStore
    said: list[str] = field(default_factory=list)

    def build(self, name: str = "calf/stage") -> Built:
        env = {
            "UV_DEFAULT_INDEX": (self.root / "index").as_uri(),
            "UV_CACHE_DIR": str(self.root / "cache"),
        }
        return build_image(self.images, self.root / "stage", name, self.root, env, self.said.append)

    def digest(self) -> str:
        dockerfile = self.root / "stage" / "Dockerfile"
        recipe = read_dockerfile(dockerfile)
        lock = (self.root / "stage" / "requirements.lock").read_bytes()
        return image_digest(recipe, collect(recipe, self.root, dockerfile), lock)

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target


def make_wheel(folder: Path, value: str, version: str = "1.0") -> str:
    """Write an index with the wheel `tiny`, and return its line for a lock."""
    folder.mkdir(parents=True)
    path = folder / f"tiny-{version}-py3-none-any.whl"
    (folder / "index.html").write_text(f'<a href="{path.name}">{path.name}</a>')
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", f"VALUE = {value!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\nsay-tiny = tiny:main\n")
        wheel.writestr(f"{info}/RECORD", "")
    return f"tiny=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """One to build in, and to change."""
    return lay(tmp_path)


@pytest.fixture(scope="module")
def built_workshop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workshop, Built]:
    """One with its image built, only to be asked: tests share it."""
    made = lay(tmp_path_factory.mktemp("built"))
    return made, made.build()


def lay(root: Path) -> Workshop:
    made = Workshop(root / "context", ImageStore(root / "home"))
    made.write("stage/Dockerfile", DOCKERFILE)
    made.write("stage/main.py", MAIN)
    made.write("lib/inner/code.py", "x = 1\n")
    made.write("stage/requirements.lock", make_wheel(made.root / "index" / "tiny", "41"))
    return made
