"""The notebook in examples/ has the outputs that it gives when it is run."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import nbformat
import pytest

import notebook

COMMITTED: Any = nbformat.read(notebook.NOTEBOOK, as_version=4)


@pytest.mark.slow
def test_outputs_are_up_to_date() -> None:
    """All cells are run in a new kernel, and their outputs are compared with the committed ones."""
    done = subprocess.run([sys.executable, notebook.__file__, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_cells_were_run_in_order_without_errors() -> None:
    """Code cells are numbered from 1, and none failed."""
    cells = [cell for cell in COMMITTED.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert len(outputs) >= 8
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data", "stream"}
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 5
    assert nbformat.validate(COMMITTED) is None
