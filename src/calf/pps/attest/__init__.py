"""Statements about outputs: made when a job succeeds, shown, and checked against what is stored.

docs/design/attestation.md says what is promised; `calf.model.statement` has the pure part.
"""
