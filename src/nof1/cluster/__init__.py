"""One map over local processes or a Dask cluster: the same results as one after the other, failures named."""
