"""窗口网关: the only HTTP surface of the house: API, live feed, pages, identity.

The gateway decides nothing. It says who somebody is, turns requests into commands and queries of other services and
their answers into documents and pages, and keeps what only the edge needs: sessions and subscribers' webhooks.
Reading order: ``service`` (what it declares), ``edge`` (the server and its limits), ``app`` (everything it serves),
``problems`` (what it answers when something is wrong), then the packages by topic.
"""
