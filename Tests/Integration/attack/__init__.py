"""Attacks on the runtime as a table: scripts/attack."""
