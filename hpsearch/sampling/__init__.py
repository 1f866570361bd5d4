"""Strategies: which point to train next, as pure functions of seed and history."""
