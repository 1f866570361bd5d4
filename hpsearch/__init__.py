"""Hyperparameter search from coarse to fine, and models raised by hand."""

__version__ = "0.1.0"
