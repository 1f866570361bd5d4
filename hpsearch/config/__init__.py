"""YAML to a typed config, every error with its file, line and column."""
