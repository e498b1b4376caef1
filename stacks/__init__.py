"""Stack programs: settings from Pulumi config, names of outputs, and the recipe of the platform."""
