"""Before the first sync: is what the environment needs there, in the account, the network and the cluster?"""
