"""Commands that begin warm: a process that has loaded all of them waits, forks, and the child is one."""
