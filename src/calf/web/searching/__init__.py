"""What the box at the head of each page finds besides names and ids: files, values, lines of logs."""
