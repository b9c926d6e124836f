"""Matrix potentials: several electronic surfaces, and what happens where they meet."""
