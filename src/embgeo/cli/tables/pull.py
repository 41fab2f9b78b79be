"""A model that was fetched, laid out as `embgeo info` does."""

from embgeo.cli.tables.info import rows, table

__all__ = ["rows", "table"]
