"""The history of repositories on this machine, for people; nothing is ever written to one."""
