"""The WSGI entry point: any WSGI server may serve ``wsgi:app``."""

from civic.app import create_app

app = create_app()
