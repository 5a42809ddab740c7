"""How models are made: data, networks, losses, training, export. Needs the extra `train`."""
