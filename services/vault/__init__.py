"""密钥: who may read a case's personal data.

Vault makes one data key for each case, keeps it wrapped, lends it to services for minutes, and destroys it
when the case's personal data must be erased. Key material is never a fact: the log only says that a key was
bound or destroyed.
"""
