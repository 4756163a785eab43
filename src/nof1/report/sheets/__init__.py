"""Sheets to print: what hands need to pack, label, open and carry. Plain texts in, the bytes of a PDF out."""
