"""Answers questions from product manuals. Knows neither Slack, nor votes, nor training."""
