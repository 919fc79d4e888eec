"""Import: what exists in AWS, found, recorded in the state and written as stack files."""
