"""Event logs as programs for process mining read and write them: OCEL 2.0, XES, CSV.

Writers take pages (`contracts.exports`) and give bytes as they come; however long a log is, they hold one page, and the
windows and grants that it names. Files that are parts of an answer until the end is known lie on disk meanwhile.
"""
