@embedded @with-pod-identity
Feature: Every controller has a role of its own

  Background:
    Given the environment is healthy

  Scenario: A controller's pods get the credentials of its role
    Then every associated ServiceAccount can assume its role

  Scenario: Nobody else does
    Then no other ServiceAccount can assume a role of the environment
