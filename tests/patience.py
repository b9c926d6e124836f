"""How long a test waits for another process, and that it hears Ctrl-C: a busy machine takes its time, and one that hangs still ends."""

import signal

PATIENCE = 600.0  # seconds


def let_ctrl_c_through() -> None:
    """Shells let what they run in the background ignore Ctrl-C, and so does every process that it begins."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
