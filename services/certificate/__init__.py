"""一端口出件: what was granted is numbered, sealed, packed as agreed, and handed over at one exit.

It decides which certificates a grant yields, their numbers and identifiers, when a package is complete, and
when nothing is left to hand over. Whether something is granted is decided in approval; the applicant's data
comes from intake, sealed, and is read only while a document is rendered.
"""
