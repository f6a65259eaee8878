"""授权委托: who may receive, accept, review, decide or certify which item, where and in whose name.

Delegation keeps the grants and answers, inside an act, whether a hall has the power for it now. A grant gives
no power before a second person has published it; what was done under a grant stands when it ends. It also keeps
the mandates of agents (帮办、代办) and what staff are qualified in, and answers for these in the same way. It moves
no work: whose case it is, and what becomes of it when a grant ends, is the affair of those who ask.
"""
