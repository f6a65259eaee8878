"""Why: the minimal facts and rules that answer a question about a case.

Nothing here reads a clock, a store or another service: an answer is a function of facts and of the catalogue version
that the case was opened with.
"""
