"""Studies: whole programs over the library, compiled and run at many parameters."""

from jaxwigner._aliases import old_names

__getattr__ = old_names(__name__)
