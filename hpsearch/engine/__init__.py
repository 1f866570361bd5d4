"""Training trials in parallel: pools of workers, and the lookahead scheduler."""
