"""Studies: whole programs over the library, compiled and run at many parameters."""
