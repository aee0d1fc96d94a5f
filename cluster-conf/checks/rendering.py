"""What Argo CD would apply: from the root chart to the Applications, and from each of those to its objects.

All of it offline, in a copy. What a chart from elsewhere makes cannot be seen here; its values can.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from checks.delivery_rules import sources
from checks.image_rules import NONE_YET
from checks.objects import Object, name, of_kind
from checks.tools import helm, kustomize

NEEDED = ("cluster-conf", "pipelines", "images")
LOCK = "images/digests.lock"
OURS = "calf/deliver"
"""The image that is no stage's: what the Job of cluster-conf/delivery runs."""
GIVEN = {
    "repoURL": "https://git.example.org/calf.git",
    "revision": "0123456789abcdef" * 2 + "01234567",
    "registry": "registry.example.org",
}
ENVIRONMENTS = {
    "dev": {"environment": "dev", "gpu": "false"},
    "prod": {"environment": "prod", "gpu": "false"},
    "dev-gpu": {"environment": "dev", "gpu": "true"},
    "prod-gpu": {"environment": "prod", "gpu": "true"},
}


@dataclass(frozen=True, slots=True)
class Part:
    """An Application, what it makes, and the values that it gives to charts of others, by file."""

    application: Object
    made: list[Object]
    values: dict[str, Object]


@dataclass(frozen=True, slots=True)
class Environment:
    """All that one environment is made of."""

    projects: list[Object]
    root: Object
    parts: list[Part]

    @property
    def everything(self) -> list[Object]:
        """All objects, Argo CD's own included."""
        made = [thing for part in self.parts for thing in part.made]
        return [*self.projects, self.root, *(part.application for part in self.parts), *made]


@contextmanager
def workspace(repository: Path) -> Iterator[Path]:
    """A copy of what is rendered. Where images have no digests yet, each gets one that is never right."""
    with TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in NEEDED:
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(repository / part, copy / part, symlinks=True, ignore=ignored)
        lock = copy / LOCK
        if not lock.exists():
            lock.write_text("".join(f"{image} {NONE_YET}\n" for image in wanted_images(repository)))
        yield copy


def wanted_images(repository: Path) -> list[str]:
    """The images that must have digests: those of the specs, and ours."""
    specs = sorted((repository / "pipelines").glob("[0-9]-*.yaml"))
    return [yaml.safe_load(spec.read_text())["transform"]["image"] for spec in specs] + [OURS]


def render(copy: Path, environment: str) -> Environment:
    """One environment. Raises `ToolFailedError` where a program refuses."""
    given = {**GIVEN, **ENVIRONMENTS[environment]}
    applied = _documents(helm("template", "root", "cluster-conf/root", *_settings(given), cwd=copy))
    (root,) = of_kind(applied, "Application")
    (source,) = sources(root)
    applications = _documents(_chart(copy, source))
    return Environment(
        of_kind(applied, "AppProject"), root, [_part(copy, application) for application in applications]
    )


def _part(copy: Path, application: Object) -> Part:
    made: list[Object] = []
    values: dict[str, Object] = {}
    for source in sources(application):
        if "path" in source:
            made += _documents(_kustomized(copy, source, application["metadata"]["name"]))
        for file in source.get("helm", {}).get("valueFiles", []) if "chart" in source else []:
            path = copy / file.removeprefix("$ours/")
            values[str(path.relative_to(copy))] = yaml.safe_load(path.read_text())
    return Part(application, made, values)


def _chart(copy: Path, source: Object) -> str:
    given = source.get("helm", {})
    files = [f"--values={copy / source['path'] / file}" for file in given.get("valueFiles", [])]
    settings = {entry["name"]: entry["value"] for entry in given.get("parameters", [])}
    return helm("template", "apps", source["path"], *files, *_settings(settings), cwd=copy)


def _settings(values: dict[str, str]) -> list[str]:
    """Words are texts for helm, whatever they look like; `gpu` is none."""
    return [
        f"--set={key}={value}" if key == "gpu" else f"--set-string={key}={value}"
        for key, value in values.items()
    ]


def _kustomized(copy: Path, source: Object, application: str) -> str:
    """A folder as Argo CD builds it, with what the Application lays over it."""
    options = source.get("kustomize", {})
    around: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"../../{source['path']}"],
        "commonAnnotations": options.get("commonAnnotations", {}),
        "images": [_image(text) for text in options.get("images", [])],
    }
    folder = copy / ".argocd" / application
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(around))
    return kustomize(folder)


def _image(text: str) -> dict[str, str]:
    """`NAME=NEW@DIGEST`, in kustomize's own words."""
    known, _, new = text.partition("=")
    new_name, _, digest = new.partition("@")
    return {"name": known, "newName": new_name, "digest": digest}


def _documents(text: str) -> list[Object]:
    found = [document for document in yaml.safe_load_all(text) if document]
    for document in found:
        if not isinstance(document, dict) or "kind" not in document:
            raise ValueError(f"not an object: {document!r}")
    return sorted(found, key=name)
