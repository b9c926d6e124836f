"""Results on disk: folders that say whose they are, files that are whole or not there, trees of arrays."""
