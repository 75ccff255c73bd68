"""What happens next: the case's workflow, its activities, the worker, and the desk that sends commands."""
