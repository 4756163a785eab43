"""Where a trial is kept: the only place with SQL. An entry that was acknowledged is on the disk."""
