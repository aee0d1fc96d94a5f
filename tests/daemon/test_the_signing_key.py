from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from calf.daemon.main import main
from calf.daemon.signing_key import is_lost, key_file, load_or_make
from calf.kit import exit_codes
from calf.model.errors import InvalidArgument
from calf.model.statement.signing import read_public_key


def test_a_key_is_made_once_and_is_for_its_owner(tmp_path: Path) -> None:
    first = load_or_make(tmp_path)
    assert key_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert load_or_make(tmp_path).public == first.public
    (tmp_path / "other").mkdir()
    assert load_or_make(tmp_path / "other").public != first.public


def test_a_file_that_is_no_key_is_not_replaced(tmp_path: Path) -> None:
    for half in (b"half of a key", b"\xff"):
        key_file(tmp_path).write_bytes(half)
        with pytest.raises(
            InvalidArgument, match=r"attest\.key holds no key.*: .*not an ed25519 private key"
        ):
            load_or_make(tmp_path)
        assert key_file(tmp_path).read_bytes() == half


def test_calf_prints_the_public_half(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "--home", str(tmp_path)]) == exit_codes.NO_STORE
    capsys.readouterr()
    public = load_or_make(tmp_path).public
    assert main(["key", "--home", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert read_public_key(said) == public
    assert "PRIVATE" not in said


def test_a_lost_key_is_noticed_where_something_was_signed(tmp_path: Path) -> None:
    assert not is_lost(tmp_path)
    with closing(sqlite3.connect(tmp_path / "metadata.sqlite")) as metadata, metadata:
        assert not is_lost(tmp_path)
        metadata.execute("CREATE TABLE statements (payload)")
        metadata.commit()
        assert not is_lost(tmp_path)
        metadata.execute("INSERT INTO statements VALUES (1)")
    assert is_lost(tmp_path)
    load_or_make(tmp_path)
    assert not is_lost(tmp_path)
