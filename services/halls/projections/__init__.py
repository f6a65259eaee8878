"""What halls can be asked about, as rows; by subject."""

from halls.projections.tree import HALLS, WINDOWS, tree

__all__ = ["HALLS", "WINDOWS", "tree"]
