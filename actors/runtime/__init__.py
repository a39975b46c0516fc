"""How actors run: dispatchers, mailboxes, timers, names and death watch."""
