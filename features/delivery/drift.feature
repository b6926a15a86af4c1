@embedded
Feature: Drift is healed, in the cluster and in AWS

  Background:
    Given the environment is healthy

  Scenario: Somebody changes an object in the cluster
    When somebody relabels the namespace of the claims
    Then the namespace is as git has it

  Scenario: Somebody changes the database in AWS
    When somebody lowers the backup retention of the database in AWS
    Then the database keeps its backups as long as the claim says
