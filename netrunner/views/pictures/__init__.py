"""Pictures of networks, runs and activations. Only this package imports matplotlib."""
