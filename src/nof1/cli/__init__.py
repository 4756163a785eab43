"""The command line: one file per command, named as its step of the workflow."""
