"""Panda: raise one model by hand, with every change on record. No printing here.

| file           | what it is for                                                          |
| -------------- | ----------------------------------------------------------------------- |
| lineage.py     | branches, positions and settings: what the ledger's records add up to   |
| training.py    | one model on its way along a chain of epochs                            |
| checkpoints.py | the state after an epoch, in a folder of its own                        |
| thinning.py    | which of these folders stay                                             |
| panda.py       | the engine: go, set, back, branch, switch, undo, note, save             |
| opening.py     | start a run, resume one, adopt a trial of a search                      |
| grammar.py     | what a person types, as commands                                        |
| changes.py     | ``alpha /3`` and the like as new values                                 |
| hints.py       | at most one remark on a curve, with its evidence                        |
| probe.py       | a range test from the present state                                     |
| compare.py     | two branches side by side                                               |
| replay.py      | train again from the ledger alone, and compare                          |

Import from these files; this one imports nothing, so that a prompt is there at once.
"""
