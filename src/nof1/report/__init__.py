"""What was found, told to people: sentences, tables, figures and the page that holds them."""
