@embedded
Feature: What changes in git changes in the cluster, and nothing else does

  Background:
    Given the environment is healthy

  Scenario: A line in git is live
    When the quota of the team data-science is raised in git
    Then the team has the new quota
    And Applications of other folders were not synced again

  @with-spark
  Scenario: A removed component leaves the cluster
    When the component spark-operator is removed from git
    Then nothing of spark-operator is left in the cluster
    And nothing was deleted in AWS

  Scenario: A removed claim leaves what keeps data alone
    When the claim database is removed from git
    Then the database is still claimed and still in AWS
    And nothing was deleted in AWS
