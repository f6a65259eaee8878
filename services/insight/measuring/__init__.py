"""How numbers are made: sets of observations, and what is told of a set.

A set says what is counted; a figure, what is told of one set or two: a count, a ratio, a spread of durations. Both are
data, so that an indicator is a list of figures, and the cases and facts behind any number are the rows of its sets.
"""
