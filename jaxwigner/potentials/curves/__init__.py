"""Energy curves that are known at points: a quintic spline, and the file that it is read from."""
