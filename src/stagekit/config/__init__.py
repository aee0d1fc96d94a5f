"""Parameters: composed from templates, validated, migrated to the newest version, resolved to plain files.

A small library that knows no pipeline. A pipeline declares versioned blocks (`block`, `section`, `secret`);
`resolve` makes the files of its `params` repo from templates, `load` gives a stage its block from such a
file, `schema` and `command` are for people. docs/design/configuration.md shows another pipeline using it.
Nothing here imports NumPy or TensorFlow.
"""
