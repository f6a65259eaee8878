"""What the process tells those who run it: logs, health, metrics and traces.

``logs`` writes one event a line and never a person; ``health`` answers probes on a port of its own;
``metrics`` is the table of everything counted; ``tracing`` follows a request through the services;
``batches`` joins the last two around every batch of work, so that each costs once a batch, not once a fact.

The libraries above report to it; it asks nobody: what can be watched gives its own checks and samples.
"""
