"""The job: one function per step, each one transaction."""
