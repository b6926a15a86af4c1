@embedded
Feature: AWS throttles and fails for a while

  Background:
    Given the environment is healthy

  Scenario Outline: A claim changes meanwhile
    Given what is in AWS is written down
    When half of all calls to AWS are answered with <answer> for 20 seconds
    And the backup retention of the database is raised in git
    Then the database keeps its backups as long as git says
    And every Application is synced and healthy
    And AWS holds the same as before

    Examples:
      | answer     |
      | throttling |
      | error      |
