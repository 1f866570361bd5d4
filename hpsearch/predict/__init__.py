"""The best network at work: its file, its predictions, its score on the test split."""
