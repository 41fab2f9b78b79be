"""Other libraries' interfaces to a space, so that code written for them can ask embgeo; each imports only `space`."""
