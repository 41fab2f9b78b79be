"""The same table as CSV, with tabs; `csv_table` reads both."""

from __future__ import annotations

from functools import partial

from embgeo.formats import csv_table

write = partial(csv_table.write, delimiter="\t")
