"""Runs of the engine that something goes wrong with, and what must be true when the next one ends.

A scenario is a folder in `scenarios/` with ``old.sql``, ``seed.sql`` (its rows) and ``new.sql``,
with ``written.sql`` (what is written to either schema) and ``backfill.toml`` if need be; each kind
of fault is a module. ``make test`` runs a few of each, ``make soak`` as many as
`FAULTS` says (by default the numbers that the design asks for).
"""
