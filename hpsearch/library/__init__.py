"""The public face: what ``import hpsearch`` gives, over the same engine as the command line."""
