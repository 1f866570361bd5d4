"""A run for other programs: tables, and the formats of tools that people already look at.

| file           | writes                                                                      |
| -------------- | --------------------------------------------------------------------------- |
| targets.py     | which formats there are, and one function that writes any of them            |
| parquet.py     | the trial table with typed columns (pyarrow)                                 |
| tensorboard.py | event files for TensorBoard's scalars and HParams                            |
| mlflow.py      | an experiment in MLflow's store                                              |
| optuna.py      | a study in Optuna's storage, as optuna-dashboard opens it                    |
| optional.py    | loading their libraries, and what to install where one is missing            |

Each writer is a function of a :class:`~hpsearch.report.analysis.rows.RunView` and a place to write
to.
"""
