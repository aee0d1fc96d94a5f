"""Pure values that every room shares: names, records, states, errors and ports.

Nothing here reads a file, a clock or the environment. `X` is a reference (`Repo`, `Commit`), `XInfo` the
record that it points to. Names, spellings and numbers are Pachyderm 2.x's own, since they go over the wire.
"""
