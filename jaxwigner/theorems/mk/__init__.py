"""Claims about MK_ħ between two quantum states."""
