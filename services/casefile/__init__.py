"""电子卷宗: the history of every case, across all services.

Casefile appends every published fact to its ledger, chained case by case, so that whoever changes, removes or reorders
a fact later is found out; and it tells what happened, in order. Of cases it decides nothing but their end as records:
closed ones go into sealed packages, and when their term is over people appraise and destroy them (``domain``).
"""
