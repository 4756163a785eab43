"""The analyses of thousands of simulated trials at once, with the numbers of the functions for a single trial."""
