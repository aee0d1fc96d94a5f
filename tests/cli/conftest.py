from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from calf.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """The cells of a table, without its headers."""
        return [line.split("\t") for line in self.out.splitlines()[1:]]


Pachctl = Callable[..., Ended]


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Pachctl:
    """Runs pachctl in this process, with an empty configuration; nothing answers."""
    monkeypatch.setenv("PACH_CONFIG", str(tmp_path / "pachyderm.json"))
    monkeypatch.setenv("PACHD_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("PACH_CONTEXT", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*args: str) -> Ended:
        capfd.readouterr()
        code = main(args)
        return Ended(code, *capfd.readouterr())

    return run


@pytest.fixture
def pachctl(offline: Pachctl, server_address: str, monkeypatch: pytest.MonkeyPatch) -> Pachctl:
    """Runs pachctl in this process against a fresh server; fails the test when a command fails."""
    monkeypatch.setenv("PACHD_ADDRESS", server_address)

    def run(*args: str, code: int = 0) -> Ended:
        ended = offline(*args)
        assert ended.code == code, f"{args}: {ended}"
        return ended

    return run


@pytest.fixture
def run_chain(pachctl: Pachctl, answer: Callable[[str], None], tmp_path: Path) -> Callable[..., None]:
    """Runs `one`, which reads `in`, and `two`, which reads `one`.

    From a spec with places for {name} and {repo}, and the files of `in`.
    """

    def run(spec: str, files: dict[str, str]) -> None:
        pachctl("create", "repo", "in")
        for name, text in files.items():
            answer(text)
            pachctl("put", "file", f"in@master:/{name}")
        path = tmp_path / "chain.yaml"
        path.write_text(f"{spec.format(name='one', repo='in')}---\n{spec.format(name='two', repo='one')}")
        pachctl("create", "pipeline", "-f", str(path))
        pachctl("wait", "commit", "two@master")

    return run


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets what stands on standard input."""
    import io

    def give(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return give
