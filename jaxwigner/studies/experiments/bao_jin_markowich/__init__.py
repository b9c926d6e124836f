"""Example 1 of Bao, Jin and Markowich: a WKB packet through its caustic."""
