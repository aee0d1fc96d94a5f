"""What `make reproduce` and `make reproduce-cpu` do: the same again, under other circumstances."""
