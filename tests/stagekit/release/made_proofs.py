"""Proofs as the engine writes them, made here from a few words, so that a test can spoil any part of one."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stagekit.canonical import tree_digests, write_json
from stagekit.release.dsse import PAYLOAD_TYPE, pre_authentication

DAG: dict[str, tuple[str, ...]] = {
    "ingest": (),
    "split": ("ingest",),
    "train": ("split",),
    "evaluate": ("split", "train"),
}
CLEAN = {"commit": "c0ffee" * 6 + "c0ff", "dirty": False, "changed": []}
Document = dict[str, Any]


def key_of(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def pem(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def commit_id(name: str, salt: str = "") -> str:
    """An id as the engine makes them: 32 hexadecimal digits, the thirteenth a 4."""
    digits = hashlib.md5(f"{name}{salt}".encode(), usedforsecurity=False).hexdigest()
    return f"{digits[:12]}4{digits[13:]}"


@dataclass
class Maker:
    """Makes proofs about the output of the last job of `dag`; `salt` makes other ids of commits.

    `spoil` may change a statement (by the pipeline's name) before it is signed.
    """

    files: Mapping[str, str]
    key: Ed25519PrivateKey = field(default_factory=lambda: key_of(1))
    salt: str = ""
    sources: Mapping[str, Document] = field(default_factory=dict)
    spoil: Callable[[str, Document], None] = lambda name, statement: None
    dag: dict[str, tuple[str, ...]] = field(default_factory=lambda: DAG)

    @property
    def last(self) -> str:
        """The pipeline whose output the proof is about."""
        return list(self.dag)[-1]

    def proof(self) -> Document:
        """The whole document; nobody replayed anything."""
        statements = {name: self.sign(self.statement(name)) for name in self.dag}
        sums = [_sum(statements[name]) for name in reversed(self.dag)]
        return {
            "v": 1,
            "commit": self.uri(self.last),
            "files": dict(self.files),
            "verified": {"ok": True, "statements": len(self.dag), "files": 9, "bytes": 99, "problems": []},
            "reproduced": None,
            "sources": [self.source(name) for name in reversed(self.dag)],
            "statements": [statements[name] for name in reversed(self.dag)],
            "summary": self.sign(self.summary(sums)),
            "key": pem(self.key),
        }

    def source(self, name: str) -> Document:
        """What the proof repeats of an image."""
        job, image = f"default/{name}@{commit_id(name, self.salt)}", f"calf/{name}@{_image(name)}"
        return {"job": job, "image": image, **self.sources.get(name, CLEAN)}

    def uri(self, name: str) -> str:
        return f"pfs:default/{name}@{commit_id(name, self.salt)}"

    def statement(self, name: str) -> Document:
        """What the engine says about the output of one pipeline."""
        read = [self.dependency(one) for one in self.dag[name]]
        read += [{"uri": self.uri(other), "digest": _digest(other)} for other in ("params", f"{name}.spec")]
        statement: Document = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": self.uri(name), "digest": _digest(name)}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {
                    "buildType": "https://calf.dev/job/v1",
                    "externalParameters": {"pipeline": f"default/{name}", "version": 1, "spec": {}},
                    "internalParameters": {
                        "job": commit_id(name, self.salt),
                        "image": {
                            "name": f"calf/{name}",
                            "digest": _image(name),
                            "kind": "built",
                            "source": dict(self.sources.get(name, CLEAN)),
                        },
                    },
                    "resolvedDependencies": read,
                },
                "runDetails": {"builder": {"id": "https://calf.dev/engine"}},
            },
        }
        self.spoil(name, statement)
        return statement

    def dependency(self, name: str) -> Document:
        """How a statement refers to that about `name`."""
        digest = hashlib.sha256(_canonical(self.statement(name))).hexdigest()
        return {"uri": self.uri(name), "digest": _digest(name), "annotations": {"statement": digest}}

    def summary(self, statements: list[str]) -> Document:
        """What the engine found when it read everything again."""
        files = [{"name": path, "digest": {"sha256": digest}} for path, digest in sorted(self.files.items())]
        return {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": self.uri(self.last), "digest": _digest(self.last)}, *files],
            "predicateType": "https://slsa.dev/verification_summary/v1",
            "predicate": {
                "resourceUri": self.uri(self.last),
                "policy": {"uri": "https://calf.dev/verify/v1"},
                "inputAttestations": [{"digest": {"sha256": digest}} for digest in statements],
                "verificationResult": "PASSED",
            },
        }

    def sign(self, document: Document) -> Document:
        """An envelope around a document."""
        payload = _canonical(document)
        signature = self.key.sign(pre_authentication(PAYLOAD_TYPE, payload))
        return {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": "sha256:of no importance", "sig": base64.b64encode(signature).decode()}],
        }

    def replayed(self, **results: str) -> Document:
        """What `attest --replay` adds: every job reproduced, but those that are named."""
        jobs = [self._replayed(name, results.get(name, "reproduced")) for name in self.dag]
        return {"ok": "differs" not in results.values(), "jobs": jobs}

    def _replayed(self, name: str, result: str) -> Document:
        told = {"job": f"default/{name}@{commit_id(name, self.salt)}", "result": result}
        return told if result == "differs" else {**told, "signed": self.sign(self.replay(name, result))}

    def replay(self, name: str, result: str) -> Document:
        """What the engine says of a replay that came out well."""
        statement = _sum(self.sign(self.statement(name)))
        level = {"reproduced": "CALF_REPRODUCED", "within tolerance": "CALF_WITHIN_TOLERANCE"}[result]
        return {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": self.uri(name), "digest": _digest(name)}],
            "predicateType": "https://slsa.dev/verification_summary/v1",
            "predicate": {
                "resourceUri": self.uri(name),
                "policy": {"uri": "https://calf.dev/replay/v1"},
                "inputAttestations": [{"digest": {"sha256": each}} for each in (statement, "77" * 32)],
                "verificationResult": "PASSED",
                "verifiedLevels": [level],
            },
        }


def files_of(folder: Path) -> dict[str, str]:
    return {f"/{path}": digest for path, digest in tree_digests(folder).items()}


def write_proof(folder: Path, proof: Document) -> Path:
    """A repo `proofs` with this one in it."""
    write_json(folder / "evaluate.json", proof)
    return folder


def _image(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def _digest(name: str) -> dict[str, str]:
    return {"blake3": hashlib.sha256(f"tree of {name}".encode()).hexdigest()}


def _canonical(document: Document) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _sum(envelope: Document) -> str:
    return hashlib.sha256(base64.b64decode(envelope["payload"])).hexdigest()
