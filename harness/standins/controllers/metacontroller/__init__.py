"""In the place of Metacontroller: DecoratorControllers of namespaces.

The hooks are the environment's own: the program behind a hook's Service runs on this machine.
"""
