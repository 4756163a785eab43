"""The page: what is due, forms, and the battery, in a browser on this machine. Blinded by construction."""
