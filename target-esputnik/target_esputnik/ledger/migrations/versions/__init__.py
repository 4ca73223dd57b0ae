"""The migrations, one file each: NNNN_what.py."""
