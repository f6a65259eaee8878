"""审批汇聚: one review per accepted item, joined into the verdict over the whole.

It decides when a department may work on an item (its join over the items before it), until when (two
clocks), whether a decision counts, and what the decisions add up to. What the departments look at is in
routing; what the applicant takes home is in certificate.
"""
