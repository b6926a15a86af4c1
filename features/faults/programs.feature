@embedded
Feature: A program that dies in the middle of a sync comes back, and nothing is lost or made twice

  Background:
    Given the environment is healthy

  Scenario Outline: A program is ended while a change is delivered
    Given what is in AWS is written down
    When the quota of the team data-science is raised in git
    And the program <program> is ended at once
    Then the team has the new quota
    And every Application is synced and healthy
    And AWS holds the same as before

    Examples:
      | program                       |
      | etcd                          |
      | kube-apiserver                |
      | kube-controller-manager       |
      | argocd-application-controller |
      | argocd-repo-server            |
      | redis                         |
      | kro                           |
      | external-secrets              |
      | claims                        |
      | controllers                   |
      | cluster                       |
