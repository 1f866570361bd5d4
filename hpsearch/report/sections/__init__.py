"""Screens said once, as sections of sentences, tables and figures; two writers show them."""
