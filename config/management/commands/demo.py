from deploy.local.demo.run import Command

__all__ = ["Command"]
