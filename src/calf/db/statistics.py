"""How much there is, for people who look into a server."""

from __future__ import annotations

from calf.db.tx import Row, Tx


def row_counts(tx: Tx) -> dict[str, int]:
    """The number of rows by table."""
    names = [name for (name,) in tx.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: _count(tx, name) for name in names}


def _count(tx: Tx, table: str) -> int:
    return int(tx.value(f'SELECT COUNT(*) FROM "{table}"'))  # noqa: S608 - the name is from our own schema


def jobs(tx: Tx) -> list[Row]:
    """By project, pipeline and state of job: how many; their datums processed, skipped, failed, recovered and
    in all; how many have ended, seconds from their beginning to their end, and seconds of downloading,
    processing and uploading.
    """
    return tx.all(
        """SELECT project, pipeline, state, count(*), sum(processed), sum(skipped), sum(failed),
             sum(recovered), sum(total), sum(finished > 0), total(iif(finished > 0, finished - started, 0)),
             total(download_time), total(process_time), total(upload_time)
           FROM jobs GROUP BY project, pipeline, state"""
    )


def pipelines(tx: Tx) -> list[Row]:
    """By project and state: how many."""
    return tx.all("SELECT project, iif(stopped, 0, state), count(*) FROM pipelines GROUP BY 1, 2")


def commits(tx: Tx) -> list[Row]:
    """By project: how many are open, finished, and finished with an error."""
    return tx.all(
        """SELECT r.project, sum(c.finished = 0), sum(c.finished > 0 AND c.error = ''), sum(c.error <> '')
           FROM commits c JOIN repos r ON r.id = c.repo GROUP BY r.project"""
    )


def repos(tx: Tx) -> list[Row]:
    """By project and type: how many."""
    return tx.all("SELECT project, type, count(*) FROM repos GROUP BY project, type")
