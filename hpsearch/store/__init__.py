"""Run folders: crash-safe files with one writer."""
