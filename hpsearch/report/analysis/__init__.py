"""What was learnt from a run: numbers and facts, nothing drawn."""
