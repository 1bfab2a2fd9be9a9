"""From what people said about answers to triplets: claims, opinions, places, masks, groups."""
