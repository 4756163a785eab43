"""What was measured: numbers, scores, tables of scores, finished trials from elsewhere, and the locked tables."""
