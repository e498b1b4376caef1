"""The images that the sandbox runs: names, and the recipes from which `build` makes them."""
