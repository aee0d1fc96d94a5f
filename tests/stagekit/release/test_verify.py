"""`python -m stagekit.release.verify`: a bundle far from the engine that made it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from stagekit.canonical import tree_digests, write_json
from stagekit.errors import StageError
from stagekit.release.bundle import Inputs
from stagekit.release.params import ReleaseParams
from stagekit.release.run import release
from stagekit.release.verify import main, verify
from tests.stagekit.release.made_proofs import key_of, pem


@pytest.fixture
def bundle(proved: Callable[..., Inputs], make_params: Callable[..., ReleaseParams], tmp_path: Path) -> Path:
    """A bundle that was taken away: files, no links."""
    release(proved(), tmp_path / "out", make_params())
    shutil.copytree(tmp_path / "out" / "model", tmp_path / "taken away")
    return tmp_path / "taken away"


def test_a_bundle_as_it_was_released_verifies(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(bundle) == []
    assert main([str(bundle)]) == 0
    said = capsys.readouterr().out
    assert "4 signed statements" in said
    assert "give --key to say whom you trust" in said


def test_with_the_right_key_it_is_known_who_signed_and_with_another_it_is_refused(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.pub").write_text(pem(key_of(number)))
    assert main([str(bundle), "--key", str(tmp_path / "1.pub")]) == 0
    assert "--key" not in capsys.readouterr().out
    assert main([str(bundle), "--key", str(tmp_path / "2.pub")]) == 1
    assert "not among the trusted keys" in capsys.readouterr().err


def test_a_changed_byte_of_any_file_is_found_and_named(bundle: Path) -> None:
    for name in tree_digests(bundle):
        path = bundle / name
        content = path.read_bytes()
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        if name == "provenance.json":
            with pytest.raises(StageError, match=r"provenance\.json"):
                verify(bundle)
        else:
            assert f"{name} has changed" in verify(bundle)
        path.write_bytes(content)
    assert verify(bundle) == []


def test_more_and_fewer_files_are_found(bundle: Path) -> None:
    (bundle / "more.txt").write_text("more")
    (bundle / "calibration.json").unlink()
    problems = verify(bundle)
    assert {"more.txt is not part of it", "calibration.json is missing"} <= set(problems)


def test_whoever_changes_the_weights_and_every_digest_of_them_lacks_the_signature(bundle: Path) -> None:
    (bundle / "weights.safetensors").write_bytes(b"others!")
    told = json.loads((bundle / "provenance.json").read_text(encoding="utf-8"))
    proof = json.loads((bundle / "proof.json").read_text(encoding="utf-8"))
    digest = tree_digests(bundle)["weights.safetensors"]
    proof["files"]["/model/weights.safetensors"] = digest
    write_json(bundle / "proof.json", proof)
    now = tree_digests(bundle)
    for subject in told["subject"]:
        subject["digest"]["sha256"] = now[subject["name"]]
    write_json(bundle / "provenance.json", told)
    assert verify(bundle) == ["its files are not those of its summary"]


def test_a_folder_that_is_no_bundle_says_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "give the folder model/" in capsys.readouterr().err
