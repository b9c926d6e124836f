"""Bars and clocks: only where somebody reads them, and gone at the end."""

import io
import time
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oscillator import OSCILLATOR, PSI

import jaxwigner as jw
from jaxwigner import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))
    return stream


def evolve(**options):
    return jw.evolve(OSCILLATOR, PSI, duration=1.0, steps=64, **options)


def test_a_bar_on_a_terminal(terminal, monkeypatch):
    run = evolve(progress=True)
    text = terminal.getvalue()
    assert "evolving" in text and "100 %" in text and text.endswith("\r\x1b[K")
    with progress.bar() as tell:
        tell("x", 0, 0)
    pipe = io.StringIO()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=pipe))
    unseen = evolve(progress=True)
    assert pipe.getvalue() == ""
    for one, other in zip(jax.tree.leaves(run), jax.tree.leaves(unseen)):
        np.testing.assert_array_equal(one, other)


def test_an_interrupt_leaves_the_line_clean(terminal):
    with pytest.raises(KeyboardInterrupt), progress.bar() as tell:
        tell("evolving", 1, 2)
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_clock_after_some_patience(terminal):
    with progress.clock("evolving", patience=0.05):
        time.sleep(0.2)
    assert "evolving 0 s" in terminal.getvalue() and terminal.getvalue().endswith("\r\x1b[K")
    with pytest.raises(ZeroDivisionError), progress.clock("evolving", patience=5.0):
        1 / 0  # noqa: B018


def test_a_clock_changes_no_number(terminal, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    watched = evolve()
    assert terminal.getvalue() == ""  # it was no long run
    for silent in (evolve(progress=False),):
        np.testing.assert_array_equal(silent.state, watched.state)


def test_a_notebook_is_told_what_it_asks_for_only(terminal, monkeypatch):
    """It keeps what is written to its standard error, which calls itself a terminal."""
    assert progress.watched() and progress.on_terminal()
    monkeypatch.setattr(Terminal, "__module__", "ipykernel.iostream")
    assert progress.watched() and not progress.on_terminal()


def test_nothing_under_jit(terminal):
    for told in (True, None, lambda *it: terminal.write("no")):
        run = jax.jit(
            lambda u, p=told: (
                jw.evolve(OSCILLATOR, u, duration=1.0, steps=2, throw=False, progress=p).state
            )
        )
        assert jnp.all(jnp.isfinite(run(PSI)))
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_no_stream_and_a_closed_one(stream, monkeypatch):
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))
    if stream is not None:
        stream.close()
    assert not progress.watched()
    with progress.bar() as tell:
        tell("x", 1, 1)
