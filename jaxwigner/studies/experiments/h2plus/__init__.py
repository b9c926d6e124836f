"""H2 ionised at an instant: wave packet and molecular dynamics on the H2+ surface."""
