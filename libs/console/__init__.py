"""The command line ``onething``: it starts services, asks them, tells the demo's stories and measures.

The only library that may import services. What acts for a department here is the department simulator
(``simulator``), which knows nothing but public commands and queries.
"""
