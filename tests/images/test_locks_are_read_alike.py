"""What an image and the engine take for the packages of a lock."""

from __future__ import annotations

from base import seal_venv

from calf.runner.images.packages import locked_packages, plain
from tests.images.conftest import ROOT

SPELLINGS = """\
numpy==2.4.6 \\
    --hash=sha256:ab
Typing_Extensions == 4.15.0 \\
    --hash=sha256:cd
ruamel.yaml[jinja2]==0.18 ; python_version < "4"
# pip==1.0
    wheel==1.0
-r other.lock
setuptools>=60
zope..interface==5
"""


def test_the_image_and_the_engine_read_a_lock_alike() -> None:
    """Sealing runs in the image, where there is no calf, and so has a reader of its own."""
    locks = [SPELLINGS, *(path.read_text() for path in ROOT.glob("stages/*/requirements.lock"))]
    assert len(locks) > 1
    for lock in locks:
        named = [seal_venv.plain(name) for name in seal_venv.LOCKED.findall(lock)]
        pinned = [plain(each.partition("==")[0]) for each in locked_packages(lock)]
        assert named == pinned != []
    for name in ("Typing_Extensions", "zope.interface", "a-_.b", "PyYAML"):
        assert seal_venv.plain(name) == plain(name)
