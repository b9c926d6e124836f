"""Claims about MK_ħ between two quantum states (Golse, Mouhot and Paul)."""
