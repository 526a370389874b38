"""nova.virt.sidegate_lab.NamespaceDriver: servers that are Linux namespaces on this host, for tests of sidegate."""
from nova.virt.sidegate_lab.driver import NamespaceDriver

__all__ = ['NamespaceDriver']
