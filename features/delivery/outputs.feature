Feature: What AWS answers arrives where it is used
  No file is edited for it: kro passes outputs along.

  Background:
    Given the environment is healthy

  @with-login
  Scenario: The certificate is issued through the record that the claim wrote
    Then the certificate of the domain is issued
    And its validation record is in the domain's zone

  @with-login
  Scenario: The Ingress sends people to the user pool
    Then the Ingress asks the claimed user pool to log people in
    And the domain points at the load balancer

  @with-pipelines @with-database
  Scenario: Pipelines find the database
    Then the address of the database is where the pipelines read it
