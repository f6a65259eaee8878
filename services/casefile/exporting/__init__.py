"""导出: facts of the ledger as events about objects, and as rows of the national upload tables.

What may leave is told by type: numbers, dates, words of a fixed list, and names of things that are listed here. Text
that somebody typed and what is sealed cannot be in it, whatever fact is added.
"""
