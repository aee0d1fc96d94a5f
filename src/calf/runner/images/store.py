"""The images that this machine knows: those built here, and names that mean the machine itself."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from calf.kit import atomic
from calf.kit.errors import IntegrityError, NotFound
from calf.kit.nearest import nearest
from calf.model.pps_infos import HOST, Image, ImageFault
from calf.model.statement.facts import ImageFacts
from calf.runner.host_system import PATH
from calf.runner.images.examining import Build, examine, examine_host
from calf.runner.images.facts import Inventory
from calf.runner.images.folders import exclusive
from calf.runner.images.identity import Parts, host_digest, identity_of_parts
from calf.runner.images.installed import PACKAGES
from calf.runner.images.packages import LOCK
from calf.runner.images.source import read_source
from calf.runner.plan import Bind
from calf.runner.view import View, host_view

DEFAULT_HOST_PATTERNS = (
    HOST,
    "ubuntu*",
    "debian*",
    "alpine*",
    "busybox*",
    "bash*",
    "python*",
    "pachyderm/*",
)
STAGE = "stage"
REBUILD = (
    "`calf image build FOLDER -t {0}` mends it, from the code that it was built from;"
    " with other code or another Python, `pachctl update pipeline` then takes the new one"
)
HOST_CHANGED = (
    "this machine's own system, which the pipeline runs on, is another one than then (its distribution or its"
    " Python); `pachctl update pipeline` takes it as it is now"
)
DIGEST = re.compile("sha256:[0-9a-f]{64}")
_MANIFEST = "image.json"
_TREE = "tree"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an image is, beside its files. `environment`, a folder of `envs`, is shown at `venv`.

    `digests` are the BLAKE3 (hex) of the files as built, by place, and `packages` those of the lock;
    images built by earlier versions have neither.
    """

    digest: str
    python: str
    base: str
    env: Mapping[str, str]
    workdir: str
    venv: str
    environment: str
    files: int
    digests: Mapping[str, str] = field(default_factory=dict)
    packages: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ImageStore:
    """Implements `ports.Images`. Safe for several processes: names are looked up anew each time.

    Names that match `host_patterns` and were not built mean this machine. Below `root`: `images/<digest>/`
    with the manifest and the files, `images/names.json`, and `envs/<digest>/`.
    """

    root: Path
    host_patterns: tuple[str, ...] = DEFAULT_HOST_PATTERNS
    _inventory: Inventory = field(default_factory=Inventory, repr=False, compare=False)

    @property
    def builds(self) -> Path:
        """Where images are."""
        return self.root / "images"

    @property
    def envs(self) -> Path:
        """Where their environments are."""
        return self.root / "envs"

    def resolve(self, name: str) -> Image:
        """See `ports.Images`. `NAME@sha256:…` asks for one build, `NAME:latest` is NAME."""
        plain, _, pinned = name.partition("@")
        known = self.names()
        digest = pinned or known.get(_short(plain), "")
        if DIGEST.fullmatch(digest) and self.folder(digest).is_dir():
            return Image(name, digest, STAGE)
        if any(fnmatchcase(_short(plain), pattern) for pattern in self.host_patterns) and not pinned:
            return Image(name, host_digest(), HOST)
        close = nearest(_short(plain), known)
        raise NotFound(
            f'image "{name}" is not known on this machine',
            f'did you mean "{close}"?'
            if close
            else f"build it with `calf image build FOLDER -t {plain or name}`",
        )

    def view(self, image: Image) -> View:
        """What an image adds to a sandbox. Raises `NotFound` when it was removed since."""
        if image.kind == HOST:
            return host_view()
        manifest = self.manifest(image.digest)
        tree = self.folder(image.digest) / _TREE
        binds = [Bind(path, f"/{path.name}") for path in sorted(tree.iterdir())]
        if manifest.environment:
            binds.append(Bind(self.envs / manifest.environment, manifest.venv))
        path = _path(manifest)
        return View(tuple(binds), {**manifest.env, "PATH": path}, path, manifest.workdir)

    def describe(self, image: Image) -> ImageFacts:
        """See `ports.Images`. The files are looked at as they are now, not as they were built."""
        if image.kind == HOST:
            return ImageFacts(python=platform.python_version())
        folder = self.folder(image.digest)
        if not folder.is_dir():
            return ImageFacts()
        manifest = self.manifest(image.digest)
        lock, found = self.envs / manifest.environment / LOCK, self._inventory.files(folder / _TREE)
        pins = lock.read_bytes() if lock.is_file() else b""
        parts = Parts(manifest.python, manifest.venv, manifest.workdir, manifest.env)
        return ImageFacts(
            found.digests,
            self._inventory.packages(lock) if pins else tuple(manifest.packages),
            manifest.python,
            read_source(self.source_file(image.digest)),
            identity_of_parts(parts, found.marks, pins),
        )

    def changed(self, image: Image) -> str:
        """See `ports.Images`. What was looked at once is not read again until it was touched."""
        if image.kind == HOST:
            return "; ".join(fault.words for fault in examine_host(image)) and HOST_CHANGED
        folder, again = self.folder(image.digest), REBUILD.format(image.name)
        try:
            environment = self.envs / self.manifest(image.digest).environment
            others = (folder / _MANIFEST, environment / LOCK, *environment.glob(PACKAGES))
            tree = folder / _TREE
            return self._inventory.judged(image.digest, tree, others, lambda: self._judge(image, again))
        except (IntegrityError, NotFound) as error:
            return f"{error.message}; {again}"

    def _judge(self, image: Image, again: str) -> str:
        faults = self.examine(image)
        if not faults:
            return ""
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        return f"image {image.name} is not what its digest says: {faults[0].words}{more}; {again}"

    def examine(self, image: Image, *, packages: bool = False) -> tuple[ImageFault, ...]:
        """See `ports.Images`."""
        if image.kind == HOST:
            return examine_host(image)
        manifest, tree = self.manifest(image.digest), self.folder(image.digest) / _TREE
        environment = self.envs / manifest.environment if manifest.environment else None
        return tuple(examine(Build(image.name, manifest, tree, environment), packages=packages))

    def manifest(self, digest: str) -> Manifest:
        """The manifest of a build. Raises `NotFound`; `IntegrityError` for one that cannot be read."""
        try:
            return Manifest(**json.loads((self.folder(digest) / _MANIFEST).read_text()))
        except FileNotFoundError:
            raise NotFound(f"image {digest} is not on this machine any more", "build it again") from None
        except (ValueError, TypeError):
            raise IntegrityError(f"the manifest of image {digest} cannot be read", "build it again") from None

    def names(self) -> dict[str, str]:
        """The names and the digests that they stand for now."""
        path = self.builds / "names.json"
        found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def tag(self, name: str, digest: str) -> None:
        """Have `name` stand for a build."""
        with exclusive(self.builds / ".names.lock"):
            names = self.names() | {_short(name): digest}
            text = json.dumps(names, indent=2, sort_keys=True) + "\n"
            atomic.write_file(self.builds / "names.json", text.encode())

    def folder(self, digest: str) -> Path:
        """Where the build lies, or would."""
        return self.builds / digest.partition(":")[2]

    def source_file(self, digest: str) -> Path:
        """Where it is written down what a build was made from, which is no part of it."""
        return self.builds / f"{digest.partition(':')[2]}.source.json"


def write_manifest(draft: Path, manifest: Manifest) -> None:
    """Write the manifest into the folder of an image under construction."""
    (draft / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=2, sort_keys=True) + "\n")


def tree_of(draft: Path) -> Path:
    """Where the files go in the folder of an image under construction."""
    return draft / _TREE


def _path(manifest: Manifest) -> str:
    """Where programs are found: as `ENV` says, else in what `RUN` installed and in the base.

    The Python that `FROM` means is this machine's, wherever that is: it is found where the base's would be.
    """
    ours = host_view().path
    if manifest.venv:
        return manifest.env.get("PATH", f"{manifest.venv}/bin:{ours}")
    given = manifest.env.get("PATH", PATH)
    return given.replace(PATH, ours) if PATH in given else f"{given}:{ours}"


def _short(name: str) -> str:
    """The name as looked up: Docker's own registry and `latest` go without saying."""
    return name.removeprefix("docker.io/").removeprefix("library/").removesuffix(":latest")
