"""What was planned: every order that a design could have drawn, the draw, and the calendar."""
