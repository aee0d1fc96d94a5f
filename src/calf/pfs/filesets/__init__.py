"""Filesets: files, and what is to be deleted before them, that belong to no commit yet and live for minutes.

One can be made from a stream of operations or from a commit, several can be made into one, and one can be
laid on an open commit, all without copying bytes. It reads like a commit of repo `__filesets__`.
"""
