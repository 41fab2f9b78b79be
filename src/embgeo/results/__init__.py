"""What questions are answered with: frozen data that knows nothing of how it is shown.

Scores are float32 values (see `dtypes.shortest`), so that what is printed reads back to the same number. Every answer
carries the model, its revision and dtype, and notes on what was chosen or left out.

One file for each kind of question, since making a dataclass takes Python half a millisecond, and a command should only
pay for its own.
"""
