"""kefu: the terminal workstation of an e-commerce customer-service agent."""

__version__ = "0.1.0"
