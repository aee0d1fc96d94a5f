"""Statements: what was made, from what and how, in the words of in-toto and SLSA, signed with ed25519.

docs/design/attestation.md shows one, and says how to check it without us.
"""
