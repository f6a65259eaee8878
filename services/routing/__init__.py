"""材料流转: which material goes to which organisation, and whose hands it is in.

Routing decides what each accepted item needs and nobody else gets, and keeps the custody of every copy: it is
in exactly one place at every instant. It does not decide items, and it does not keep bytes.
"""
