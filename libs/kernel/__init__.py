"""The pure ground that everything else stands on.

Identifiers and their check characters, the working-day calendar with its deadlines, case and notice numbers,
digests, the clock and the code tables. Nothing here knows a service, a broker or a database; the only file
that it ever reads is a calendar that the operator names.
"""
