"""Jobs as records: how they come to be, move from state to state, are asked for, stopped and deleted."""
