"""A space with a parameter of every kind, for the tests of strategies."""

from hpsearch.space import LOG, ONE_MINUS, Choice, Condition, Constant, Number, Space

MIXED = Space(
    (
        Number("alpha", low=1e-4, high=1.0, scale=LOG),
        Choice("optimizer", values=("sgd", "momentum", "adam")),
        Constant("activation", value="relu"),
        Number(
            "beta",
            (Condition("optimizer", ("momentum", "adam")),),
            low=0.9,
            high=0.999,
            scale=ONE_MINUS,
        ),
        Number("units", low=4, high=64, scale=LOG, step=1, integer=True),
        Number("dropout", low=0.0, high=0.5, step=0.1),
    )
)
