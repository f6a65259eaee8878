"""目录版本 in intake: made from documents, published, asked about; and which live cases they would move."""

from intake.editions.publishing import EDITIONS, PUBLICATIONS, SOURCES, Editions
from intake.editions.reading import Reading
from intake.editions.shelf import PublishedCatalogues

__all__ = ["EDITIONS", "PUBLICATIONS", "SOURCES", "Editions", "PublishedCatalogues", "Reading"]
