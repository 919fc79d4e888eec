"""The pipeline: stack file, graph, diff, plan, executor, and the commands around them."""
