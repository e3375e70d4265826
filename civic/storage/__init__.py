"""Files of the town: photos made safe to publish, and where they are kept."""
