"""The history of a trial: events, the chain that binds them, the stage they lead to, the state they add up to."""
