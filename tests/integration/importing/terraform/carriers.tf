resource "aws_instance" "web" {
  ami                  = "ami-12c6146b"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.web.name

  lifecycle { ignore_changes = [iam_instance_profile] }
}

resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.many["a"].arn
  runtime       = "python3.12"
  handler       = "i.h"
  filename      = "code.zip"

  lifecycle { ignore_changes = [role] }
}

resource "aws_ecs_task_definition" "t" {
  family                = "t"
  task_role_arn         = aws_iam_role.many["b"].arn
  execution_role_arn    = aws_iam_role.many["c"].arn
  container_definitions = jsonencode([{ name = "a", image = "b", memory = 64 }])

  lifecycle { ignore_changes = [task_role_arn, execution_role_arn] }
}
