"""The stand-in for Azure on one machine: azure-native types whose virtual machines are local containers."""
