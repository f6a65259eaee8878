"""消息送达: tells applicants what they must learn, and keeps the proof of it.

It decides what follows from a fact for the applicant, in which words and by which carrier, and when to try again.
Nobody else in the house sends anything. Words are data (``wording.yaml``); the carriers (SMS, app, mail) stand behind
one port.
"""
