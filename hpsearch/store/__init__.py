"""Run folders: crash-safe files with one writer.

| file          | what it is for                                                       |
| ------------- | -------------------------------------------------------------------- |
| disk.py       | the operating system's errors as one line that says what to do       |
| atomic.py     | whole files and folders: there completely, or not at all             |
| sealed.py     | a JSON object that carries its own checksum                          |
| journal.py    | the list of records that only grows: ``trials.jsonl``                |
| results.py    | what a search's journal says, read no further than it is needed      |
| curves.py     | one trial's metrics while it trains: ``curve.jsonl``                 |
| arrays.py     | named NumPy arrays: ``model.npz``                                    |
| checkpoint.py | a training's state after an epoch, and the newest one that is intact |
| lock.py       | one coordinator a run, even when it is killed                        |
| names.py      | what a run can be called                                             |
| rundir.py     | where everything of a run lies, and how runs are found               |

Import from these files; this one imports nothing, so that listing runs does not load NumPy.
"""
