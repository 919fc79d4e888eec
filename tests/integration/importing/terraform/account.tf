data "aws_iam_policy_document" "ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

locals {
  lambda = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "web" {
  name                 = "web"
  path                 = "/team/"
  description          = "Größe: çà \"x\""
  max_session_duration = 7200
  assume_role_policy   = data.aws_iam_policy_document.ec2.json
  permissions_boundary = aws_iam_policy.boundary.arn
  tags                 = { team = "média" }
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
  tags   = { a = "b" }
}

resource "aws_iam_role_policy" "web_inline" {
  name   = "in"
  role   = aws_iam_role.web.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/$${aws:username}/*" }]
  })
}

resource "aws_iam_role" "many" {
  for_each              = toset(["a", "b", "c"])
  name                  = "many-${each.key}"
  assume_role_policy    = local.lambda
  force_detach_policies = true
}

resource "aws_iam_policy" "shared" {
  name_prefix = "shared-"
  path        = "/p/"
  description = "Shared"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sqs:*"]
      Resource  = "*"
      Condition = { Bool = { "aws:SecureTransport" = "true" } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "many" {
  for_each   = aws_iam_role.many
  role       = each.value.name
  policy_arn = aws_iam_policy.shared.arn
}

resource "aws_iam_role_policy_attachments_exclusive" "many" {
  for_each    = aws_iam_role.many
  role_name   = each.value.name
  policy_arns = [aws_iam_policy.shared.arn]
  depends_on  = [aws_iam_role_policy_attachment.many]
}

resource "aws_iam_policy_attachment" "ro" {
  name       = "ro"
  roles      = [aws_iam_role.web.name, aws_iam_role.counted[0].name]
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role" "counted" {
  count              = 2
  name_prefix        = "counted-"
  assume_role_policy = local.lambda
}

resource "aws_iam_role" "old" {
  name                = "old"
  assume_role_policy  = local.lambda
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]
  inline_policy {
    name   = "inside"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", NotAction = "iam:*", Resource = "*" }] })
  }
}

resource "aws_iam_role_policies_exclusive" "web" {
  role_name    = aws_iam_role.web.name
  policy_names = [aws_iam_role_policy.web_inline.name]
}

resource "aws_iam_instance_profile" "web" {
  name = "web"
  role = aws_iam_role.web.name
  tags = { p = "q" }
}

resource "aws_iam_role" "trusting" {
  for_each = {
    account   = { AWS = "arn:aws:iam::210987654321:root" }
    service   = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
    federated = { Federated = "arn:aws:iam::123456789012:saml-provider/corp" }
  }
  name = "trusting-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = each.key == "federated" ? "sts:AssumeRoleWithSAML" : "sts:AssumeRole"
      Principal = each.value
      Condition = { StringEquals = { "aws:PrincipalTag/team" = ["a", "b"] } }
    }]
  })
}

resource "aws_iam_role" "sibling" {
  name = "sibling"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.web.arn } }]
  })
}

module "inner" {
  source   = "./inner"
  for_each = toset(["x", "y"])
  name     = each.key
}
