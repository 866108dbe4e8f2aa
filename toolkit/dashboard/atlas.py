"""Atlas."""


def atlas_page() -> None:
    """Show."""
