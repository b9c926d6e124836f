"""How long a test waits for another process: a busy machine takes its time, and one that hangs still ends."""

PATIENCE = 600.0  # seconds
