"""推演: recorded cases under other rules.

What people did stays: when they accepted, for how long they paused, how many working days they took. What follows from
rules is derived again: when an item begins, until when it is due, what is asked for, what may come later.
"""
