"""A program that comes with a request can neither stop, nor end, nor look around in the server."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from calf.runner.strangers import Language, Refusal, asking, engage


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 1)


def run(language: Language, program: str, value: object) -> object:
    with engage(language, program) as ask:
        return ask(value)


@pytest.mark.parametrize(
    ("language", "program", "value", "answer"),
    [
        (Language.JQ, ".a == 1", {"a": 1}, True),
        (Language.JQ, ".b", {"a": 1}, False),
        (Language.JSONNET, "function(x) {name: x}", {"x": "é"}, '{\n   "name": "é"\n}\n'),
        (Language.REGEX, "^a+$", "aaa", True),
        (Language.REGEX, "^a+$", "b\na", False),
    ],
)
def test_programs_are_answered(language: Language, program: str, value: object, answer: object) -> None:
    assert run(language, program, value) == answer


def test_one_program_is_asked_many_times() -> None:
    with engage(Language.REGEX, "b$") as ask:
        assert [ask(text) for text in ("ab", "ba", "b")] == [True, False, True]


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("language", "program", "value"),
    [
        (Language.JQ, "last(repeat(1))", {}),
        (Language.JQ, '"a" * 1e9', {}),
        (Language.JQ, ".[1e9] = 1", []),
        (Language.JSONNET, 'std.repeat("x", 2000000000)', {}),
        (Language.REGEX, "(a+)+$", "a" * 60 + "b"),
    ],
)
def test_what_takes_too_much_is_ended_and_others_go_on_meanwhile(
    language: Language, program: str, value: object
) -> None:
    pauses: list[float] = []
    over = threading.Event()

    def beat() -> None:
        last = time.monotonic()
        while not over.wait(0.01):
            pauses.append(time.monotonic() - last)
            last = time.monotonic()

    heart = threading.Thread(target=beat)
    heart.start()
    with pytest.raises(Refusal, match=r"takes more than|memory|too long|large"):
        run(language, program, value)
    over.set()
    heart.join()
    assert max(pauses, default=0.0) < 0.7  # in this process it would be as long as it runs


@pytest.mark.parametrize(
    ("language", "program"),
    [
        (Language.JQ, ".a |"),
        (Language.JQ, 'import "secret" as s {search: "/"}; true'),
        (Language.JSONNET, "importstr '/etc/passwd'"),
        (Language.REGEX, "("),
        (Language.REGEX, "a{99999999999999999999}"),
        (Language.REGEX, "(" * 100_000),
    ],
)
def test_what_is_no_program_is_refused(language: Language, program: str) -> None:
    with pytest.raises(Refusal):
        run(language, program, {})


def test_files_and_environment_stay_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.json").write_text("1")
    monkeypatch.setenv("SECRET", "1")
    assert run(Language.JQ, "env.SECRET", {}) is False
    with pytest.raises(Refusal):
        run(Language.JQ, f'import "secret" as $s {{search: "{tmp_path}"}}; true', {})
