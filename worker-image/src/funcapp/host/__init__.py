"""The host process: storage, supervision, management. It never imports the app's code nor the SDK."""
