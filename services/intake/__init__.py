"""受理: what an applicant asks for, what it takes, and who accepts it.

Intake opens a case of a theme (一口受理) or joins one from a single item (接续受理), gives the one-time
notice, takes in form and materials, tells once what is missing, and accepts, declines or lets go of items.
What becomes of an item after its acceptance is approval's. Intake closes the case when nothing is left to do.
"""
