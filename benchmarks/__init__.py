"""How fast nof1 is beside what people use otherwise: `make bench`, results in RESULTS.md."""
