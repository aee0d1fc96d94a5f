"""Rows in SQLite: one writer, many readers, migrations, and the ledger that says what changed."""
