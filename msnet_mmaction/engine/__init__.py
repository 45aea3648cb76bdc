"""What a run is made of besides the model and the data: hooks and optimisers."""
