"""One retraining, stage by stage: its job, its data set, its comparisons and its report."""
