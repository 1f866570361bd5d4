"""Caviar: many models in parallel, and what is asked of them afterwards."""
