"""Reading customer tables from workbooks, files and databases, and checking every cell."""
