"""A function over named axes, in compiled chunks, into a store that survives a kill."""

from jaxwigner.studies.sweep.sweep import sweep as sweep
