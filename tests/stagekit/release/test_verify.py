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
from tests.stagekit.release.made_proofs import DAG, Maker, key_of, pem


@pytest.fixture
def bundle(proved: Callable[..., Inputs], make_params: Callable[..., ReleaseParams], tmp_path: Path) -> Path:
    """A bundle that was taken away: files, no links."""
    release(proved(), tmp_path / "out", make_params())
    shutil.copytree(tmp_path / "out" / "model", tmp_path / "taken away")
    return tmp_path / "taken away"


@pytest.fixture
def whole(bundle: Path, tmp_path: Path) -> Path:
    """A proof of release's own output."""
    files = {f"/model/{name}": digest for name, digest in tree_digests(bundle).items()}
    proof = Maker(files | {"/decision.json": "d" * 64}, dag={**DAG, "release": ("evaluate",)}).proof()
    write_json(tmp_path / "release.json", proof)
    return tmp_path / "release.json"


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


def test_whoever_rewrites_card_manifests_and_their_digests_is_found_by_the_proof_of_release_itself(
    bundle: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stage has no key: in the bundle nobody has signed what it wrote itself, and that is said."""
    assert main([str(bundle)]) == 0
    assert "are signed by nobody here: give --proof" in capsys.readouterr().out
    assert main([str(bundle), "--proof", str(whole)]) == 0
    assert "every byte of the bundle is signed" in capsys.readouterr().out
    (bundle / "MODEL_CARD.md").write_text("The best model of all.")
    told = json.loads((bundle / "provenance.json").read_text(encoding="utf-8"))
    now = tree_digests(bundle)
    for subject in told["subject"]:
        subject["digest"]["sha256"] = now[subject["name"]]
    write_json(bundle / "provenance.json", told)
    assert verify(bundle) == []
    assert verify(bundle, whole=whole) == [
        f"{name} is not what release made, by the proof of its output"
        for name in ("MODEL_CARD.md", "provenance.json")
    ]


def test_no_byte_of_the_provenance_can_change_but_those_that_only_the_proof_of_release_signs(
    bundle: Path, whole: Path
) -> None:
    path = bundle / "provenance.json"
    content = path.read_bytes()
    unsigned = [(content.index(b'"policy": {'), content.index(b'"internalParameters"'))]
    for uri in (b'"pfs:params:/', b'"pfs:proofs:/', b'"pfs:split:/'):
        end = content.index(uri)
        unsigned.append((content.rindex(b'"digest"', 0, end), end))
    for place in range(0, len(content), 97):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert found(bundle, whole), f"byte {place} with the proof of release"
        if not any(start <= place < end for start, end in unsigned):
            assert found(bundle, None), f"byte {place}: {content[place - 40 : place + 40]!r}"
    path.write_bytes(content)


def found(bundle: Path, whole: Path | None) -> bool:
    try:
        return verify(bundle, whole=whole) != []
    except StageError:
        return True


def test_a_proof_of_something_else_or_by_another_key_says_nothing_of_the_bundle(
    bundle: Path, whole: Path, tmp_path: Path
) -> None:
    (wrong,) = verify(bundle, whole=bundle / "proof.json")[:1]
    assert "which is no output of release" in wrong
    files = {f"/model/{name}": digest for name, digest in tree_digests(bundle).items()}
    write_json(tmp_path / "other.json", Maker(files, key_of(2), dag={"release": ()}).proof())
    assert "not among the trusted keys" in verify(bundle, whole=tmp_path / "other.json")[0]


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
    assert "its files are not those of its summary" in verify(bundle)


def test_a_folder_that_is_no_bundle_says_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "give the folder model/" in capsys.readouterr().err
