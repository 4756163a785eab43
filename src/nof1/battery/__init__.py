"""The battery: which tests, ratings and questionnaires there are, and what each of them gives."""
