"""The web server that runs Django; `python -m config.web` starts it. No pages here."""
