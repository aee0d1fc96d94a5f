"""What a person is told, whatever shows it: words, pictures of graphs, differences, origins."""
