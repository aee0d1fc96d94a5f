"""Whoever changes a byte, of data or of what is said about it, is found out; the line names the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calf.db import commits as commit_rows
from calf.db.statements import Kept
from calf.model.errors import InvalidArgument
from calf.model.statement.canonical import canonical
from calf.model.statement.dsse import Envelope
from calf.model.statement.signing import Signer
from calf.pps.attest.attestor import Attestor
from calf.pps.attest.checking import Subject, read_kept
from calf.storage import trees
from calf.storage.blobs import expand
from calf.storage.objects import Location, is_object
from tests.pps.attest.attesting import commit_of, edit, findings, fsck, kept, statement
from tests.pps.stages import ATTESTOR
from tests.pps.workshop import Workshop

_OF_ONE = (
    "commit_id = (SELECT c.id FROM commits c JOIN repos r ON r.id = c.repo"
    " WHERE r.name = 'one' AND r.type = 'user')"
)


def flip(data: bytes, position: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 1 << bit
    return bytes(changed)


@contextmanager
def flipped(file: Path, position: int, bit: int) -> Iterator[None]:
    """A file with one bit changed, for a block."""
    before = file.read_bytes()
    file.write_bytes(flip(before, position, bit))
    yield
    file.write_bytes(before)


@dataclass(frozen=True)
class Stored:
    """An object that the chain needs: where it lies, and a repo that shows it."""

    repo: str
    object_id: bytes
    file: Path
    location: Location

    def is_whole(self) -> bool:
        """Whether its bytes are what they were. (Some bits of what is compressed mean nothing.)"""
        stored = self.file.read_bytes()[self.location.offset :][: self.location.stored]
        data = expand(stored, self.location)
        return data is not None and is_object(self.object_id, data)


def objects_of(workshop: Workshop, *repos: str) -> list[Stored]:
    store, found = workshop.pfs.store, []
    for repo in repos:
        for object_id in trees.reachable(store.get, root_of(workshop, repo), set()):
            pack, location = store._find(object_id)
            file = store._shelf.folder / f"{pack.hex()}.pack"
            found.append(Stored(repo, object_id, file, location))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_bit_of_any_object_of_the_chain(chain: Workshop, data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(objects_of(chain, "in", "params", "one", "two")))
    place = data.draw(st.integers(0, one.location.stored - 1))
    with flipped(one.file, one.location.offset + place, data.draw(st.integers(0, 7))):
        told = [line for line in findings(chain, "two") if line.startswith(f"pfs:default/{one.repo}: ")]
        assert one.is_whole() == (told == [])
    assert one.location.codec or told
    assert all(" cannot be read: object " in line for line in told)
    assert findings(chain, "two") == []


def test_the_file_that_was_changed_is_named(chain: Workshop) -> None:
    (content,) = (stored for stored in objects_of(chain, "in") if stored.location.size == len("BBBB"))
    with flipped(content.file, content.location.offset + 1, 0):
        found = findings(chain, "two")
    assert [line.partition(" cannot be read: object ")[0] for line in found] == [
        "pfs:default/one: /b",
        "pfs:default/in: /b",
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_bit_of_any_part_of_a_statement(chain: Workshop, data: st.DataObject) -> None:
    good = kept(chain, "one")
    assert good is not None
    with chain.pfs.read() as tx:
        row = commit_rows.get(tx, commit_of(chain, "one"))
    assert row is not None
    subject = Subject(row.commit, row.root)
    read_kept(good, subject, ATTESTOR.public)
    parts = {
        "payload": good.envelope.payload,
        "signature": good.envelope.signature,
        "keyid": good.envelope.keyid.encode(),
        "sha256": good.sha256.encode(),
    }
    name = data.draw(st.sampled_from(sorted(parts)))
    place = data.draw(st.integers(0, len(parts[name]) - 1))
    parts[name] = flip(parts[name], place, data.draw(st.integers(0, 6)))
    bad = Envelope(parts["payload"], parts["keyid"].decode(), parts["signature"])
    with pytest.raises(InvalidArgument):
        read_kept(Kept(bad, parts["sha256"].decode()), subject, ATTESTOR.public)


Damage = Callable[[Workshop], None]


def payload(chain: Workshop) -> None:
    good = kept(chain, "one")
    assert good is not None
    edit(chain, f"UPDATE statements SET payload = ? WHERE {_OF_ONE}", flip(good.envelope.payload, 7, 1))


def signature(chain: Workshop) -> None:
    good = kept(chain, "one")
    assert good is not None
    edit(chain, f"UPDATE statements SET signature = ? WHERE {_OF_ONE}", flip(good.envelope.signature, 7, 1))


def digest(chain: Workshop) -> None:
    edit(chain, f"UPDATE statements SET sha256 = '{'0' * 64}' WHERE {_OF_ONE}")


def digest_that_is_no_text(chain: Workshop) -> None:
    edit(chain, f"UPDATE statements SET sha256 = CAST (x'ff' AS TEXT) WHERE {_OF_ONE}")


def key_that_is_no_text(chain: Workshop) -> None:
    edit(chain, f"UPDATE statements SET keyid = CAST (x'ff' AS TEXT) WHERE {_OF_ONE}")


def missing(chain: Workshop) -> None:
    edit(chain, f"DELETE FROM statements WHERE {_OF_ONE}")


def of_another_commit(chain: Workshop) -> None:
    other = kept(chain, "two")
    assert other is not None
    put_in_place(chain, other)


def of_an_older_commit(chain: Workshop) -> None:
    """One that is good in itself, about the same repo."""
    older = kept(chain, "one")
    assert older is not None
    chain.wait_set(chain.put("in", {"/c": "C"}))
    edit(
        chain,
        "UPDATE statements SET payload = ?, signature = ?, sha256 = ? WHERE commit_id = (SELECT max(c.id)"
        " FROM commits c JOIN repos r ON r.id = c.repo WHERE r.name = 'one' AND r.type = 'user')",
        *(older.envelope.payload, older.envelope.signature, older.sha256),
    )


def signed_by_another(chain: Workshop) -> None:
    """A forger has a key of his own, and a statement that fits."""
    good = kept(chain, "one")
    assert good is not None
    forged = Signer(bytes([7] * 32)).sign(good.envelope.payload)
    put_in_place(chain, Kept(forged, good.sha256))


def put_in_place(chain: Workshop, new: Kept) -> None:
    envelope = new.envelope
    edit(
        chain,
        f"UPDATE statements SET payload = ?, sha256 = ?, keyid = ?, signature = ? WHERE {_OF_ONE}",
        *(envelope.payload, new.sha256, envelope.keyid, envelope.signature),
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (payload, "its signature is not good"),
        (signature, "its signature is not good"),
        (digest, "its digest on record was changed"),
        (digest_that_is_no_text, "its digest on record was changed"),
        (key_that_is_no_text, "it is signed with key \ufffd, "),
        (missing, "missing"),
        (of_another_commit, "it is about pfs:default/two@"),
        (of_an_older_commit, "it is about pfs:default/one@"),
        (signed_by_another, "it is signed with key sha256:"),
    ],
)
def test_a_statement_that_was_meddled_with(chain: Workshop, damage: Damage, said: str) -> None:
    damage(chain)
    found = findings(chain, "two")
    assert any(line.startswith("pfs:default/one: ") and said in line for line in found), found
    assert not any(line.startswith("?") for line in found)
    (line,) = fsck(chain)
    assert "consistency error: the statement about commit default/one@" in line
    assert said in line


def test_the_root_of_a_commit_of_the_chain(chain: Workshop) -> None:
    other = commit_of(chain, "two")
    for repo in ("in", "one"):
        row = "SELECT c.id FROM commits c JOIN repos r ON r.id = c.repo WHERE r.name = ? AND r.type = 'user'"
        with chain.pfs.read() as tx:
            before = tx.value(f"SELECT root FROM commits WHERE id = ({row} ORDER BY c.id DESC)", (repo,))
            wrong = commit_rows.get(tx, other)
        assert wrong is not None
        edit(chain, f"UPDATE commits SET root = ? WHERE root = ? AND id IN ({row})", wrong.root, before, repo)
        found = findings(chain, "two")
        assert f"pfs:default/{repo}: its record was changed" in found
        assert any(f"pfs:default/{repo}: " in line and "tree" in line for line in found)
        edit(chain, f"UPDATE commits SET root = ? WHERE root = ? AND id IN ({row})", before, wrong.root, repo)
    assert findings(chain, "two") == []


def test_a_forged_chain_that_is_whole_in_itself(chain: Workshop) -> None:
    """Data, its root, its record and the record's digest changed together: the signed statement tells."""
    with chain.pfs.store.writer() as writer:
        old = root_of(chain, "one")
        entry = next(iter(trees.entries(writer.get, old)))
        forged = trees.PutEntry(replace(entry, content=writer.content(b"forged")))
        root = trees.apply(writer.get, writer.put, old, [forged])
        writer.seal()
    with chain.pfs.db.write() as tx:
        tx.execute("DROP TRIGGER commits_never_change")
        row = commit_rows.get(tx, commit_of(chain, "one"))
        assert row is not None
        commit_rows.save(tx, replace(row, root=root))
    found = findings(chain, "two")
    assert any(
        "pfs:default/one: its statement does not hold: it says that the tree is" in line for line in found
    )
    assert len(fsck(chain)) == 1


def root_of(chain: Workshop, repo: str) -> bytes | None:
    with chain.pfs.read() as tx:
        row = commit_rows.get(tx, commit_of(chain, repo))
    assert row is not None
    return row.root


def test_a_lost_edge_of_provenance(chain: Workshop) -> None:
    edit(
        chain,
        "DELETE FROM commit_provenance WHERE upstream = (SELECT c.id FROM commits c JOIN repos r"
        " ON r.id = c.repo WHERE r.name = 'params') AND downstream = (SELECT c.id FROM commits c"
        " JOIN repos r ON r.id = c.repo WHERE r.name = 'one' AND r.type = 'user')",
    )
    found = findings(chain, "two")
    assert "pfs:default/one: its record was changed" in found
    assert any("its statement says that it was made from pfs:default/params@" in line for line in found)


def test_a_folder_whose_key_was_swapped(chain: Workshop) -> None:
    other = Attestor(Signer(bytes([9] * 32)))
    found = findings(chain, "two", key=other.public)
    assert len(found) == 2
    assert all(
        f"it is signed with key {ATTESTOR.public.keyid}, and the key is {other.public.keyid}" in line
        for line in found
    )


def test_a_statement_is_spelled_in_one_way_only(chain: Workshop) -> None:
    """So that two that say the same have the same digest."""
    good = kept(chain, "one")
    assert good is not None
    assert canonical(statement(chain, "one")) == good.envelope.payload
