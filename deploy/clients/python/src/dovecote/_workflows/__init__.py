"""What takes several requests: publishing, uploading, importing, waiting and logging in."""
