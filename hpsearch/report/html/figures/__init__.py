"""Figures as functions from plain rows to SVG text.

Colour is rank: class ``c0`` is the best eighth of the trials and has the most contrast with the
page. State is shape: a disc was trained to its end, a ring was stopped at a cut-off, a cross
failed, the star is the best. Every mark of a trial carries ``data-t``, its index, by which the
page links the figures; the figures are complete without that.
"""
