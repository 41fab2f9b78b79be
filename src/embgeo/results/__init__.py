"""The frozen answers to questions. Nothing here knows how they are displayed.

Scores are float32 values (see `dtypes.shortest`), so a printed number reads back as the same value. Every answer names
its model, revision and dtype, and has notes on what was chosen or left out.

Each question has its own file: Python takes half a millisecond to create a dataclass, so a command imports only its
own.
"""
