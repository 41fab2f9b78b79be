"""What is left of a vector, laid out as its part along directions is."""

from embgeo.cli.tables.project import table

__all__ = ["table"]
