"""Panda: babysit one model, with every change on record. No printing here.

| file           | what it is for                                                          |
| -------------- | ----------------------------------------------------------------------- |
| positions.py   | positions, epochs, branches                                             |
| lineage.py     | what the ledger's records add up to                                     |
| moves.py       | which records may follow which                                          |
| training.py    | one model on its way along a chain of epochs                            |
| checkpoints.py | the state after an epoch, in a folder of its own                        |
| restoring.py   | the way back to a position                                              |
| panda.py       | the engine: go, set, back, branch, switch, undo, note, save             |
| acts.py        | what takes more than one step of the engine, for the prompt and Python  |
| interrupts.py  | Ctrl-C: the epoch ends first; a second one gives it up                  |
| opening.py     | start a run, resume one, adopt a trial of a search                      |
| adoption.py    | which trial is adopted, and what of it is to be trained again           |
| same_call.py   | the same call in Python goes on with the run that it started            |
| inner_model.py | a model of another run as the trainable of a search                     |
| run_facts.py   | what stands among a fork's parameters and is none                       |
| fork.py        | search around a state of a babysat model, and graft a trial back        |
| schedule.py    | a branch as a config, to search around what a person found              |
| grammar.py     | what a person types, as commands                                        |
| advice.py      | what a word that is not understood may have meant                       |
| changes.py     | ``alpha /3`` and the like as new values                                 |
| hints.py       | at most one remark on a curve, with its evidence                        |
| probe.py       | a range test from the present state                                     |
| compare.py     | two branches side by side                                               |
| effects.py     | what each change did to the metric                                      |
| replay.py      | train again from the ledger alone, and compare                          |
| conformance.py | does a trainable keep its promises?                                     |

Import from these files; this one imports nothing, so that a prompt is there at once.
"""
