"""From what somebody writes to the answer that is posted."""
