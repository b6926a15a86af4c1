"""IAM as the environment declares it: roles, their trust and policies, and who may take them."""
