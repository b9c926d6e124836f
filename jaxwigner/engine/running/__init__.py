"""What stands around the loop: what is observed, programs that are kept, pieces of long runs, steps that a tolerance asks for."""
