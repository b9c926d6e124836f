"""The field V⋆ρ of a pair potential: by convolution on grids, by sums over particles."""
