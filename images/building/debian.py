"""Which of Debian's packages files come from, in the form that scanners of images read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from building.layers import Entry

DPKG = Path("/var/lib/dpkg")
STATUS = "var/lib/dpkg/status.d"
_KEPT = ("Package", "Source", "Version", "Architecture", "Multi-Arch", "Maintainer", "Homepage")


def owners(files: Iterable[Path], dpkg: Path = DPKG) -> set[str]:
    """The packages that the files are of; files that no package has (a Python built by hand) are left out."""
    wanted = {name for path in files for name in _names(path)}
    lists = sorted((dpkg / "info").glob("*.list"))
    return {
        path.stem.partition(":")[0] for path in lists if not wanted.isdisjoint(path.read_text().splitlines())
    }


def records(packages: Iterable[str], dpkg: Path = DPKG) -> dict[str, Entry]:
    """A short record of each package, and its licence."""
    known = dict(_stanzas(dpkg))
    entries = {}
    for package in sorted(packages):
        fields = known.get(package, {})
        text = "".join(f"{name}: {fields[name]}\n" for name in _KEPT if name in fields)
        entries[f"{STATUS}/{package}"] = Entry(0o644, data=text.encode())
        licence = Path("/usr/share/doc", package, "copyright")
        if licence.is_file():
            entries[f"usr/share/doc/{package}/copyright"] = Entry(0o644, licence)
    return entries


def read_record(text: str) -> Mapping[str, str]:
    """The fields of a record, continued lines left out."""
    pairs = (line.partition(": ") for line in text.splitlines() if not line.startswith(" "))
    return {name: value for name, found, value in pairs if found}


def _names(path: Path) -> Iterator[str]:
    """A file's names in the lists: /bin and /lib may lead to /usr, and the lists say either."""
    name = str(path)
    yield name
    yield name.removeprefix("/usr") if name.startswith("/usr/") else f"/usr{name}"


def _stanzas(dpkg: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    status = dpkg / "status"
    if status.is_file():
        for stanza in status.read_text(encoding="utf-8").split("\n\n"):
            fields = read_record(stanza)
            yield fields.get("Package", ""), fields
