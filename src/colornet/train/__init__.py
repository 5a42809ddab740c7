"""Everything that makes models: data, networks, training, evaluation, export."""
