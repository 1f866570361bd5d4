"""Ready callbacks that push each epoch to the trial, one module for each framework.

    from hpsearch.callbacks.keras import ReportEpochs
    model.fit(…, callbacks=[ReportEpochs()])

Each imports its framework, and nothing else imports it. The metrics have the names that the
framework itself gives them. Where the trial is over, training ends in the framework's own way, so
that its other callbacks save what they save; then :class:`hpsearch.TrialStopped` is raised.
"""
