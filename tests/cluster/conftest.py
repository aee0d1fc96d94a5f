from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "cluster-conf"))
REVISION = "0123456789" * 4
REGISTRY = "registry.example.org/team"


@pytest.fixture
def digests(tmp_path: Path) -> Path:
    """A `digests.lock` that names every stage's image."""
    stages = sorted(path.name for path in (ROOT / "stages").iterdir() if path.is_dir())
    path = tmp_path / "digests.lock"
    path.write_text("".join(f"calf/{name} sha256:{number:064x}\n" for number, name in enumerate(stages, 1)))
    return path


collect_ignore = [] if find_spec("kubernetes_validate") else ["with_tools"]
"""Those run in an environment of their own: `make conf-check`."""
