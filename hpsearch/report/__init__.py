"""A run folder as plain rows, and the rows as pictures and tables."""
