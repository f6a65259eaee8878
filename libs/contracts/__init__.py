"""The published language: the facts, commands and queries that services exchange, and nothing else.

A fact is stored, shipped and proved in the same bytes: the struct that an aggregate records is the struct
that followers read. Change a struct only by adding fields with defaults; anything else is a new version
with an upcaster (``Fact.upcast``).
"""
