"""One model in training: what can be trained, the epoch loop, the environment it depends on."""
