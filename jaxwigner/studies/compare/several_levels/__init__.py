"""`jw.compare` with a matrix potential: waves on several electronic levels beside classical nuclei."""
