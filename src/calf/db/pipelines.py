"""Rows of pipelines: one for how a pipeline is, and one for each version of its spec."""

from __future__ import annotations

import json
from functools import lru_cache

from calf.db.digest import Field, Sealed, row_digest
from calf.db.tx import Row, Tx
from calf.model.pps_infos import Image, PipelineInfo
from calf.model.refs import USER, Commit, Pipeline
from calf.model.spec import PipelineSpec, parse, to_json
from calf.model.states import PipelineState

SCHEMA = (
    """CREATE TABLE pipelines (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        project TEXT NOT NULL REFERENCES projects (name),
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        state INTEGER NOT NULL,
        reason TEXT NOT NULL,
        stopped INTEGER NOT NULL,
        created REAL NOT NULL,
        UNIQUE (project, name)
    ) STRICT""",
    """CREATE TABLE pipeline_versions (
        pipeline INTEGER NOT NULL REFERENCES pipelines (seq) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        spec_commit TEXT NOT NULL,
        spec TEXT NOT NULL,
        user_spec TEXT NOT NULL,
        salt TEXT NOT NULL,
        image_name TEXT NOT NULL,
        image_digest TEXT NOT NULL,
        image_kind TEXT NOT NULL,
        updated REAL NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (pipeline, version)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX pipeline_versions_by_commit ON pipeline_versions (spec_commit)",
)
ROWS = Sealed(
    "pipelines",
    ("project", "name"),
    ("project", "name", "seq", "version", "state", "reason", "stopped", "created"),
)
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)

_SELECT = (
    "SELECT p.project, p.name, p.state, p.reason, p.stopped, p.created, v.version, v.spec_commit, v.spec,"
    " v.user_spec, v.salt, v.image_name, v.image_digest, v.image_kind, v.updated, v.digest"
    " FROM pipelines p JOIN pipeline_versions v ON v.pipeline = p.seq"
)
_ONE = "p.project = ? AND p.name = ?"


def insert_version(tx: Tx, info: PipelineInfo) -> None:
    """Add a version, which becomes the current one; its state, reason and `stopped` become the pipeline's.

    `created` counts for the first version only; `effective_spec_json` and `last_job_state` are derived.
    """
    key = _key(info.pipeline)
    tx.execute(
        "INSERT INTO pipelines (project, name, version, state, reason, stopped, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, name) DO UPDATE SET version = excluded.version,"
        " state = excluded.state, reason = excluded.reason, stopped = excluded.stopped",
        (*key, info.version, int(info.state), info.reason, int(info.stopped), float(info.created)),
    )
    ROWS.seal(tx, *key)
    values = _version_values(info)
    tx.execute(
        "INSERT INTO pipeline_versions (version, spec_commit, spec, user_spec, salt, image_name,"
        " image_digest, image_kind, updated, digest, pipeline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " (SELECT seq FROM pipelines WHERE project = ? AND name = ?))",
        (*values, _digest(info.pipeline, values), *key),
    )


def get(tx: Tx, pipeline: Pipeline, version: int | None = None) -> PipelineInfo | None:
    """A version of a pipeline, by default the current one; None when there is no such pipeline or version."""
    if version is None:
        row = tx.one(f"{_SELECT} WHERE {_ONE} AND v.version = p.version", _key(pipeline))
    else:
        row = tx.one(f"{_SELECT} WHERE {_ONE} AND v.version = ?", (*_key(pipeline), version))
    return _info(row) if row else None


def row_id(tx: Tx, pipeline: Pipeline) -> int | None:
    """The number of a pipeline's row, for those who keep something about it; None when there is none."""
    sql = f"SELECT p.seq FROM pipelines p WHERE {_ONE}"  # noqa: S608 - our own clause
    number: int | None = tx.value(sql, _key(pipeline))
    return number


def by_spec_commit(tx: Tx, commit: Commit) -> PipelineInfo | None:
    """The version that a commit of a spec repo marks."""
    pipeline = Pipeline(commit.repo.project, commit.repo.name)
    row = tx.one(f"{_SELECT} WHERE {_ONE} AND v.spec_commit = ?", (*_key(pipeline), commit.id))
    return _info(row) if row else None


def all_(tx: Tx) -> list[PipelineInfo]:
    """The current version of every pipeline, the newest pipeline first."""
    return [_info(row) for row in tx.all(f"{_SELECT} WHERE v.version = p.version ORDER BY p.seq DESC")]


def mentioning(tx: Tx, key: str) -> list[PipelineInfo]:
    """As `all_`, of those only in whose specs the word `key` stands, as a key or as a text of its own."""
    where = "WHERE v.version = p.version AND instr(v.spec, ?) ORDER BY p.seq DESC"
    return [_info(row) for row in tx.all(f"{_SELECT} {where}", (f'"{key}"',))]


def versions(tx: Tx, pipeline: Pipeline) -> list[PipelineInfo]:
    """Every version of a pipeline, newest first."""
    rows = tx.all(f"{_SELECT} WHERE {_ONE} ORDER BY v.version DESC", _key(pipeline))
    return [_info(row) for row in rows]


def output_branches(tx: Tx) -> dict[tuple[Pipeline, int], str]:
    """The output branch of every version of every pipeline, none of whose specs is read for it."""
    sql = (
        "SELECT p.project, p.name, v.version, v.spec ->> '$.output_branch'"
        " FROM pipelines p JOIN pipeline_versions v ON v.pipeline = p.seq"
    )
    return {(Pipeline(project, name), version): branch for project, name, version, branch in tx.all(sql)}


def in_state(tx: Tx, state: PipelineState) -> list[PipelineInfo]:
    """The current version of every pipeline in `state`, oldest first."""
    where = "WHERE v.version = p.version AND p.state = ? ORDER BY p.seq"
    return [_info(row) for row in tx.all(f"{_SELECT} {where}", (int(state),))]


def without_repo(tx: Tx) -> list[PipelineInfo]:
    """The current version of pipelines that have lost their output repo and do not say so yet."""
    where = (
        "WHERE v.version = p.version AND p.state <> ? AND NOT EXISTS (SELECT 1 FROM repos r"
        " WHERE r.project = p.project AND r.name = p.name AND r.type = ?) ORDER BY p.seq"
    )
    return [_info(row) for row in tx.all(f"{_SELECT} {where}", (int(PipelineState.FAILURE), USER))]


def set_state(tx: Tx, pipeline: Pipeline, state: PipelineState, reason: str, stopped: bool) -> None:
    """Say how a pipeline is."""
    tx.execute(
        "UPDATE pipelines SET state = ?, reason = ?, stopped = ? WHERE project = ? AND name = ?",
        (int(state), reason, int(stopped), *_key(pipeline)),
    )
    ROWS.seal(tx, *_key(pipeline))


def pin_image(tx: Tx, info: PipelineInfo, image: Image) -> None:
    """Record which image a version runs in, when its name could not be resolved at first."""
    digest = _digest(info.pipeline, _version_values(info, image))
    tx.execute(
        "UPDATE pipeline_versions SET image_name = ?, image_digest = ?, image_kind = ?, digest = ?"
        " WHERE version = ? AND pipeline = (SELECT seq FROM pipelines WHERE project = ? AND name = ?)",
        (image.name, image.digest, image.kind, digest, info.version, *_key(info.pipeline)),
    )


def delete(tx: Tx, pipeline: Pipeline) -> None:
    """Remove a pipeline with all its versions."""
    tx.execute("DELETE FROM pipelines WHERE project = ? AND name = ?", _key(pipeline))


def damaged(tx: Tx) -> list[tuple[Pipeline, int]]:
    """Versions whose rows do not agree with their own digests."""
    rows = tx.all(f"{_SELECT} ORDER BY p.seq, v.version")
    return [
        (Pipeline(row[0], row[1]), row[6])
        for row in rows
        if _digest(Pipeline(row[0], row[1]), tuple(row[6:-1])) != row[-1]
    ]


def _key(pipeline: Pipeline) -> tuple[str, str]:
    return pipeline.project, pipeline.name


def _version_values(info: PipelineInfo, image: Image | None = None) -> tuple[Field, ...]:
    pinned = image or info.image or Image("", "", "")
    return (
        *(info.version, info.spec_commit.id, to_json(info.spec), info.user_spec_json, info.salt),
        *(pinned.name, pinned.digest, pinned.kind, float(info.updated)),
    )


def _digest(pipeline: Pipeline, values: tuple[Field, ...]) -> bytes:
    return row_digest("pipeline-version", pipeline.project, pipeline.name, *values)


@lru_cache(maxsize=256)
def _info(row: Row) -> PipelineInfo:
    pipeline, version, spec_text, image = Pipeline(row[0], row[1]), row[6], row[8], Image(*row[11:14])
    spec = _spec(spec_text)
    return PipelineInfo(
        pipeline=pipeline,
        version=version,
        spec_commit=Commit(pipeline.spec_repo, row[7]),
        type=spec.type,
        state=PipelineState(row[2]),
        spec=spec,
        salt=row[10],
        reason=row[3],
        stopped=bool(row[4]),
        image=image if image.digest else None,
        user_spec_json=row[9],
        effective_spec_json=spec_text,
        created=row[5],
        updated=row[14],
    )


@lru_cache(maxsize=256)
def _spec(text: str) -> PipelineSpec:
    return parse(json.loads(text))
