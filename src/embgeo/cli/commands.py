"""All commands, in the order in which `embgeo` lists them; importing a file registers what stands in it."""

from embgeo.cli import app as _asking
from embgeo.cli import checking as _checking
from embgeo.cli import evaluating as _evaluating
from embgeo.cli import export as _exporting
from embgeo.cli import reading as _reading

app = _asking.app
FILES = (_asking, _checking, _evaluating, _reading, _exporting)
