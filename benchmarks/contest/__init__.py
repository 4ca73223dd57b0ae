"""The same work by this project and by what users would pick instead, in one run: `make bench`."""
