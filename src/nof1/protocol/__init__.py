"""The protocol: what was promised before the trial, as one frozen value with one digest."""
