"""Parameters: composed from templates, validated, migrated to the newest version, resolved to plain files.

`resolve` makes the files of the `params` repo from templates; `load` gives a stage its block from such a
file. `block` says what a versioned block is, and `blocks` lists them all. Nothing here imports NumPy or
TensorFlow.
"""
