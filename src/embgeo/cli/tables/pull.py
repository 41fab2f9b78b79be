"""A model that was fetched, laid out as `embgeo info` does."""

from embgeo.cli.tables.info import table

__all__ = ["table"]
