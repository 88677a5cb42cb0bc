"""The maintainers' machinery: install, run, normalise, check. No lesson imports it; `make help`
lists what it does."""
