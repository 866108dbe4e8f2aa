"""Digits that the toolkit draws itself, as hands would."""
