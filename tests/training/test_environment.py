from hpsearch.training.environment import PROPOSALS, changes_since


def test_a_run_of_a_version_that_recorded_no_revision_had_the_first() -> None:
    assert changes_since({}, {PROPOSALS: "2"}).proposals
    assert changes_since({PROPOSALS: "2"}, {PROPOSALS: "3"}).proposals
    assert not changes_since({PROPOSALS: "2"}, {PROPOSALS: "2"}).proposals
    assert not changes_since({}, {PROPOSALS: "1"}).proposals
    # It concerns a search alone, not the training of a point that is on record.
    assert changes_since({PROPOSALS: "1"}, {PROPOSALS: "2"}).facts == ()
