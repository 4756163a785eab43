"""One module per job; `race(room)` compares the numbers and returns who runs."""
