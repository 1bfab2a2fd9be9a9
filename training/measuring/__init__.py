"""What models are judged by: figures, questions with gold answers, how far confidence can be believed."""
