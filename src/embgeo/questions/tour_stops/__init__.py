"""The stops of the tour, by what they ask; knows the questions, and nothing of how a tour is shown."""
