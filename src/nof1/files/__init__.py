"""The only place that opens files: protocols, tables, the locked data set, the workspace, the preparer's secret."""
