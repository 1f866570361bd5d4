"""Data sets: read, split, standardise."""
