"""What is asked: the filter of the map, the lists and the search, its names and choices."""
