"""Columns of a progress bar: how much is done and how fast, in bytes or in the unit of the work."""

from __future__ import annotations

from rich.progress import DownloadColumn, ProgressColumn, Task, TransferSpeedColumn
from rich.text import Text


class Amount(ProgressColumn):
    """154.1/154.4 MB, or 4,096/12,154 questions."""

    bytes = DownloadColumn()

    def render(self, task: Task) -> Text:
        """Draw it."""
        if task.fields["unit"] == "bytes":
            return self.bytes.render(task)
        return Text(f"{int(task.completed):,}/{int(task.total or 0):,} {task.fields['unit']}")


class Rate(ProgressColumn):
    """11.2 MB/s, or 9,000/s."""

    bytes = TransferSpeedColumn()

    def render(self, task: Task) -> Text:
        """Draw it."""
        if task.fields["unit"] == "bytes":
            return self.bytes.render(task)
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "?/s")
