"""归档: packages of closed cases that can be checked anywhere, how long they are kept, and how they end."""
