"""电子卷宗: the history of every case, across all services.

Casefile decides nothing. It appends every published fact to its ledger, chained case by case, so that whoever
changes, removes or reorders a fact later is found out; and it tells what happened, in order.
"""
