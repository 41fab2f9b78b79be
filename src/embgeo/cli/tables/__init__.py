"""One file a command: its answers as a table for people, and as rows for CSV and TSV."""
