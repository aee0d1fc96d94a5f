"""Runs in a container, as a stage would: what is installed, and whether the image keeps its promises.

Prints JSON. Needs nothing but Python's own library.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path


def licence(distribution: Distribution) -> dict[str, str]:
    """A package's licence: an SPDX `expression`, else a `name`, of classifiers or a short text."""
    about = distribution.metadata
    if about["License-Expression"]:
        return {"expression": about["License-Expression"]}
    classes = [
        entry.rpartition(":: ")[2]
        for entry in about.get_all("Classifier") or []
        if entry.startswith("License ::")
    ]
    text = (about["License"] or "").strip()
    name = ", ".join(classes) or (text if "\n" not in text and len(text) < 80 else "")
    return {"name": name} if name else {}


def writable(folder: str) -> bool:
    """Whether a file can be made in a folder."""
    try:
        path = Path(folder, ".tried")
        path.touch()
        path.unlink()
    except OSError:
        return False
    return True


def main() -> None:
    """Tell of this container."""
    found = [
        {"name": one.name, "version": one.version, "license": licence(one)}
        for one in distributions(path=[path for path in sys.path if "site-packages" in path])
    ]
    records = sorted(Path("/var/lib/dpkg/status.d").glob("*"))
    system = platform.freedesktop_os_release()
    interfaces = sorted(path.name for path in Path("/sys/class/net").glob("*"))
    told = {
        "python": platform.python_version(),
        "packages": sorted(found, key=lambda one: str(one["name"]).lower()),
        "system": {key: system.get(key, "") for key in ("ID", "VERSION_ID", "PRETTY_NAME")},
        "debian": [path.read_text() for path in records if path.suffix != ".md5sums"],
        "user": os.getuid(),
        "pip": any(find_spec(name) for name in ("pip", "ensurepip")),
        "interfaces": interfaces,
        "writable": [folder for folder in ("/", "/stage", "/opt/venv", "/usr/local") if writable(folder)],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
