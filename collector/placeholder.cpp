namespace chieng {}
