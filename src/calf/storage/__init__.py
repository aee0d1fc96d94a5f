"""Bytes by digest: objects in packs, chunks of large files, trees of files; knows nothing of commits."""
