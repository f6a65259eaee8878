"""授权委托: who may receive, accept, review, decide or certify which item, where and in whose name.

Delegation keeps the grants and answers, inside an act, whether a hall has the power for it now. A grant gives
no power before a second person has published it; what was done under a grant stands when it ends.
"""
