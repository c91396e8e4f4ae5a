from deploy.local.demo import Command

__all__ = ["Command"]
