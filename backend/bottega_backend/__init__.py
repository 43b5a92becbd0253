"""The server side of Bottega: server, scheduler, store, workers, and what runs inside a worker."""
