"""Reusable components: network, hosts, swarm, registry, images, compose stacks and ingress.

Imported by module (`from components import network`), since the Azure SDK behind some of them costs seconds to load.
"""
