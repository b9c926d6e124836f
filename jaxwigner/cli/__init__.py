"""The command line: the only room that prints, reads options, or sets float64."""

from jaxwigner.cli.app import main as main
