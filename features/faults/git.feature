@embedded
Feature: A mistake in git harms nothing, and its repair is taken in

  Background:
    Given the environment is healthy

  Scenario: A broken manifest is pushed, and then repaired
    When a manifest of the namespaces is broken in git
    Then Argo CD says what is wrong with namespaces
    And the namespaces are still there
    When the manifest is repaired in git
    Then every Application is synced and healthy
