"""Hyperparameter search from coarse to fine, and babysitting of single models."""

__version__ = "0.1.0"
