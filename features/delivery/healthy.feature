Feature: An environment is delivered, wave by wave
  Git is all that Argo CD gets; the order of the waves is the order in which things come to exist.

  Scenario: Everything becomes healthy, and nothing before its time
    When the environment is delivered
    Then every Application is synced and healthy
    And no Application began before the waves ahead of its own were delivered

  Scenario: Every claim is there in AWS
    Given the environment is healthy
    Then every claim is active
    And everything that was claimed is known in AWS

  @embedded
  Scenario: Bootstrap twice changes nothing
    Given the environment is healthy
    When a person takes the steps of bootstrap again
    Then Argo CD's settings and all Applications are as they were
